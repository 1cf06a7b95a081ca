"""One id, made at the door, is found in the door's log and in each service that the request touched."""

import json
import subprocess
import time
from typing import Any

import httpx
import pytest

from tests.compliance.live import LiveHost, run_tool
from tests.conftest import ROOT
from tests.e2e.readme import read_commands

QUESTION = {"query": "who may leave the host"}
PAGE = ROOT / "docs" / "operating.md"


@pytest.fixture(scope="module")
def answer(client: httpx.Client) -> httpx.Response:
    """A question that hybrid-coordinator asks embeddings about, and Qdrant."""
    answer = client.post("/hybrid/search", json=QUESTION)
    assert answer.status_code == 200, answer.text
    return answer


def follow(host: LiveHost, request: str, services: set[str]) -> list[dict[str, Any]]:
    """The lines of a request, once each of these services has written one: a moment after its answer."""
    deadline = time.monotonic() + 10
    while True:
        said = run_tool(
            "garrison", "logs", "--limit", host.name, "--since", "10m", "--request", request, "--json"
        )
        lines = [json.loads(line) for line in said.stdout.splitlines()]
        if said.returncode == 0 and services <= {line["service"] for line in lines}:
            return lines
        assert time.monotonic() < deadline, f"{said.stderr}\n{lines}"


def test_one_id_is_found_at_the_door_and_in_every_service_it_touched(
    host: LiveHost, answer: httpx.Response
) -> None:
    lines = follow(host, answer.headers["X-Request-ID"], {"nginx", "hybrid-coordinator", "embeddings"})
    asked = {line["service"]: line for line in lines if line["message"] == "request"}
    assert asked["nginx"]["client"] == "e2e"
    assert asked["nginx"]["duration_ms"] >= asked["hybrid-coordinator"]["duration_ms"] - 1
    assert {line["trace_id"] for line in lines if line["service"] != "nginx"} == {
        asked["hybrid-coordinator"]["trace_id"]
    }


@pytest.mark.parametrize("given", ["short", "with blank", "a" * 65, "dollar$(reboot)", 'quote"quote'])
def test_an_id_of_bad_characters_is_replaced(client: httpx.Client, host: LiveHost, given: str) -> None:
    answer = client.post("/hybrid/search", json=QUESTION, headers={"X-Request-ID": given})
    made = answer.headers["X-Request-ID"]
    assert made != given
    assert {line["request_id"] for line in follow(host, made, {"nginx"})} == {made}


def test_what_is_no_id_is_refused_before_a_host_is_asked(host: LiveHost) -> None:
    said = run_tool("garrison", "logs", "--limit", host.name, "--request", "x; reboot")
    assert (said.returncode, said.stdout) == (2, "")
    assert "that is no request id." in said.stderr


def test_an_id_that_nobody_had_ends_with_one(host: LiveHost) -> None:
    said = run_tool("garrison", "logs", "--limit", host.name, "--request", "never-was-there")
    assert (said.returncode, said.stdout) == (1, "")
    assert "Nothing was found" in said.stderr


def test_the_page_s_commands_work_as_printed(answer: httpx.Response) -> None:
    commands = read_commands(PAGE.read_text(), "What the services say")
    assert len(commands) == 3
    for command in commands:
        line = f"id={answer.headers['X-Request-ID']}; {command.text}"
        ended = subprocess.run(["bash", "-c", line], cwd=ROOT, capture_output=True, text=True, timeout=300)
        assert ended.returncode in ((0, 1) if "warning" in command.text else (0,)), ended.stderr
        # The tool's own: what a service said may well hold the word.
        assert "Traceback" not in ended.stderr
