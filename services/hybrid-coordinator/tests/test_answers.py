"""Who answers is decided by confidence, and said."""

import json
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer

import pytest
from hybrid_stack import Hybrid, Launch, Stack
from hybrid_testbed import PASSWORD, READER
from llama_stand_in import Handler


@pytest.fixture(scope="module", autouse=True)
def given(hybrid: Hybrid) -> None:
    document = {
        "collection": "skills-patterns",
        "title": "Flush the DNS cache of systemd-resolved",
        "content": "Run resolvectl flush-caches; resolvectl statistics shows the cache's size afterwards.",
    }
    hybrid.ok("/context", document)
    body = {"query": "How do I flush the DNS cache?", "response": "By `resolvectl flush-caches`, as root."}
    hybrid.ok("/interactions", body | {"outcome": "success", "user_feedback": 1})


KNOWN = "How do I flush the DNS cache of systemd-resolved?"
UNKNOWN = "Prove the lemma? And then? And what of it? Why? " * 30 + "```f(x)```"


def test_a_question_about_what_is_known_is_routed_to_the_local_model(hybrid: Hybrid) -> None:
    answer = hybrid.ok("/route", {"prompt": KNOWN}, READER)
    assert (answer["route"], answer["wanted"]) == ("local", "local")
    assert answer["confidence"] >= answer["threshold"]
    assert answer["context"] > 0.3
    assert answer["history"] > 0.5
    assert "Flush" in answer["contexts"][0]["title"] or "flush" in answer["contexts"][0]["title"]


def test_without_a_remote_a_hard_question_stays_local_and_says_why(hybrid: Hybrid) -> None:
    answer = hybrid.ok("/route", {"prompt": UNKNOWN})
    assert (answer["route"], answer["wanted"]) == ("local", "remote")
    assert "no remote is configured" in answer["reason"]


def test_a_question_is_augmented_and_answered_by_the_local_model(hybrid: Hybrid) -> None:
    answer = hybrid.ok("/query", {"prompt": KNOWN}, READER)
    assert answer["answer"].startswith("stand-in heard: Context from earlier work")
    assert "resolvectl statistics" in answer["answer"]
    assert answer["routing"]["route"] == "local"
    assert answer["usage"] == {"prompt_tokens": 11, "completion_tokens": 7}
    assert answer["context_ids"]


def test_a_conversation_keeps_its_earlier_messages(hybrid: Hybrid) -> None:
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hello"},
        {"role": "user", "content": "banana bread?"},
    ]
    assert hybrid.ok("/query", {"messages": messages})["answer"] == "stand-in heard: banana bread?"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"prompt": "x", "messages": [{"role": "user", "content": "x"}]},
        {"messages": [{"role": "assistant", "content": "x"}]},
        {"prompt": " "},
    ],
    ids=["nothing", "both", "not-the-users", "blank"],
)
def test_what_asks_nothing_or_two_things_is_refused(hybrid: Hybrid, body: object) -> None:
    assert hybrid.post("/query", body).status_code == 422


def test_a_prompt_past_the_local_models_window_is_refused(hybrid: Hybrid) -> None:
    answer = hybrid.post("/query", {"prompt": "many words " * 3000})
    assert answer.status_code == 422
    assert "2048" in answer.json()["detail"]


@pytest.fixture
def remote(stack: Stack) -> Iterator[str]:
    """Another model behind the OpenAI API."""

    class Remote(Handler):
        key = "r" * 64

        def _send(self, status: int, document: object) -> None:
            super()._send(status, json.loads(json.dumps(document).replace("stand-in", "remote")))

    (stack.directory / "secrets" / "hybrid_remote_key").write_text(Remote.key)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Remote)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_with_a_remote_a_hard_question_goes_there_and_an_easy_one_does_not(
    launch: Launch, remote: str
) -> None:
    other = launch(remote_url=remote)
    other.wait_until_ready()
    hard = other.ok("/query", {"prompt": UNKNOWN, "max_tokens": 64})
    assert (hard["routing"]["route"], hard["model"]) == ("remote", "remote")
    assert other.ok("/query", {"prompt": KNOWN})["routing"]["route"] == "local"
    assert PASSWORD not in other.process.log.read_text()


def test_a_remote_without_its_key_is_no_start(launch: Launch) -> None:
    other = launch(remote_url="http://127.0.0.1:1", remote_key_secret="no_such_secret")
    assert other.process.running is not None
    assert other.process.running.wait(120) == 2
    assert "no_such_secret" in other.process.log.read_text()
