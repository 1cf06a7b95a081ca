"""look-logs beside a stand-in for Podman: it counts lines that are no documents, and tells nothing of what they say."""

import json
from typing import Any

import pytest

from garrison.evidence.logs import KEYS
from tests.unit.hostside.conftest import Host

WHOLE = json.dumps(dict.fromkeys(KEYS, "x"))
CONTAINER = "garrison-aidb"


def look(host: Host, *containers: str) -> Any:
    given = {"containers": containers or (CONTAINER,), "lines": 50, "keys": KEYS}
    done = host.run("look-logs", json.dumps(given))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_documents_are_no_text(host: Host) -> None:
    host.answer("logs", f"{WHOLE}\n{WHOLE}\n")
    assert look(host) == {CONTAINER: {"lines": 2, "other": 0}}
    assert host.argv.strip() == f"podman logs --tail 50 {CONTAINER}"


@pytest.mark.parametrize(
    "line",
    [
        "Traceback (most recent call last):",
        '["event"]',
        '{"event": "request"}',
        "7",
        "",
        "{" * 100_000,
        "\udcff",
    ],
    ids=["text", "list", "few keys", "number", "nothing", "depth", "no text"],
)
def test_what_is_no_document_is_counted(line: str, host: Host) -> None:
    host.lib.joinpath("answers").mkdir()
    said = f"{WHOLE}\n{line}\n".encode("utf-8", "surrogateescape")
    host.lib.joinpath("answers", "logs").write_bytes(said)
    assert look(host) == {CONTAINER: {"lines": 2, "other": 1}}


def test_of_what_a_line_says_nothing_is_told(host: Host) -> None:
    host.answer("logs", "a word that nobody may see\n")
    done = host.run("look-logs", json.dumps({"containers": [CONTAINER], "lines": 50, "keys": KEYS}))
    assert "nobody may see" not in done.stdout + done.stderr


def test_a_container_that_has_written_nothing_has_no_text(host: Host) -> None:
    host.answer("logs", "")
    assert look(host) == {CONTAINER: {"lines": 0, "other": 0}}


def test_a_log_that_can_not_be_read_is_not_counted(host: Host) -> None:
    host.answer("logs", "Error: no such container\n", code=125)
    assert look(host, CONTAINER, "garrison-embeddings") == {CONTAINER: None, "garrison-embeddings": None}


@pytest.mark.parametrize("words", [(), ("{}",), ("[]",), ('{"containers": [], "lines": "x", "keys": []}',)])
def test_without_its_argument_it_says_what_it_wants(words: tuple[str, ...], host: Host) -> None:
    done = host.run("look-logs", *words)
    assert done.returncode == 1
    assert done.stderr.startswith('look-logs: say {"containers": [NAME')
