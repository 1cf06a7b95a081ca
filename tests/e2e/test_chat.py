"""The real model answers through the door, at once and piece by piece."""

import json
from typing import Any

import httpx

from tests.e2e.library import good

ROUTE = "/llama/v1/chat/completions"
ASK = {
    "messages": [{"role": "user", "content": "Name one colour of the rainbow."}],
    "max_tokens": 24,
    "temperature": 0,
}


def test_the_model_answers_and_says_what_it_used(client: httpx.Client) -> None:
    answer = good(client.post(ROUTE, json=ASK))
    assert answer["choices"][0]["message"]["content"].strip()
    used = answer["usage"]
    assert 0 < used["completion_tokens"] <= ASK["max_tokens"]
    assert used["total_tokens"] == used["prompt_tokens"] + used["completion_tokens"]


def test_the_model_answers_to_a_bearer_token_as_openai_s_clients_send_it(
    client: httpx.Client, key: str
) -> None:
    with_bearer = {"Authorization": f"Bearer {key}", "X-API-Key": ""}
    assert good(client.post(ROUTE, json=ASK, headers=with_bearer))["choices"]


def test_a_streamed_answer_arrives_in_pieces_and_says_the_same(client: httpx.Client) -> None:
    whole = good(client.post(ROUTE, json=ASK))["choices"][0]["message"]["content"]
    with client.stream("POST", ROUTE, json={**ASK, "stream": True}) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        # One network read each: a door that held the answer back would hand it over in one.
        reads = list(answer.iter_raw())
    assert len(reads) > 5
    assert join_events(b"".join(reads).decode()) == whole


def join_events(stream: str) -> str:
    """What the pieces of a streamed answer say together."""
    events = [line.removeprefix("data: ") for line in stream.splitlines() if line.startswith("data: ")]
    assert events[-1] == "[DONE]"
    pieces: list[dict[str, Any]] = [json.loads(event) for event in events[:-1]]
    deltas = [choice["delta"] for piece in pieces for choice in piece["choices"]]
    return "".join(delta.get("content") or "" for delta in deltas)
