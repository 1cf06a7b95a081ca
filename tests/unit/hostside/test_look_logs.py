"""look-logs beside a stand-in for Podman: it counts lines that are no documents, and tells nothing of what they say."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from garrison.evidence.logs import KEYS
from tests.unit.hostside.conftest import Host

WHOLE = json.dumps(dict.fromkeys(KEYS, "x"))
CONTAINER = "garrison-aidb"
ID = "5e" * 32


def entries(*lines: bytes) -> str:
    """What journalctl says of these lines; conmon sends each with the end of its line, and no text comes as numbers."""

    def said(line: bytes) -> str | list[int]:
        try:
            return f"{line.decode()}\n"
        except UnicodeDecodeError:
            return [*line, 10]

    return "".join(f"{json.dumps({'__CURSOR': 's', 'MESSAGE': said(one)})}\n" for one in lines)


@pytest.fixture
def journal(host: Host, journal: Path) -> Path:
    """That of a container which runs."""
    host.answer("container", f"{ID}\n")
    return journal


def look(host: Host, *containers: str) -> Any:
    given = {"containers": containers or (CONTAINER,), "lines": 50, "keys": KEYS}
    done = host.run("look-logs", json.dumps(given))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_documents_are_no_text(host: Host, journal: Path) -> None:
    journal.write_text(entries(WHOLE.encode(), WHOLE.encode()))
    assert look(host) == {CONTAINER: {"lines": 2, "other": 0}}


def test_the_journal_is_read_from_its_end_and_of_the_container_that_runs(host: Host, journal: Path) -> None:
    """podman logs --tail reads all that the container ever wrote: with a full journal that takes a minute."""
    look(host)
    asked = journal.with_name("asked").read_text().split()
    assert {"--lines=50", f"CONTAINER_ID_FULL={ID}", f"_UID={os.getuid()}"} <= set(asked)
    assert "podman logs" not in host.argv


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
def test_what_is_no_document_is_counted(line: str, host: Host, journal: Path) -> None:
    journal.write_text(entries(WHOLE.encode(), line.encode("utf-8", "surrogateescape")))
    assert look(host) == {CONTAINER: {"lines": 2, "other": 1}}


def test_of_what_a_line_says_nothing_is_told(host: Host, journal: Path) -> None:
    journal.write_text(entries(b"a word that nobody may see"))
    done = host.run("look-logs", json.dumps({"containers": [CONTAINER], "lines": 50, "keys": KEYS}))
    assert "nobody may see" not in done.stdout + done.stderr


def test_a_container_that_has_written_nothing_has_no_text(host: Host, journal: Path) -> None:
    journal.write_text("")
    assert look(host) == {CONTAINER: {"lines": 0, "other": 0}}


def test_a_log_that_can_not_be_read_is_not_counted(host: Host, journal: Path) -> None:
    journal.with_name("ends").write_text("1\n")
    assert look(host) == {CONTAINER: None}


def test_a_container_that_is_not_there_is_not_counted(host: Host, journal: Path) -> None:
    journal.write_text(entries(WHOLE.encode()))
    host.answer("container", "Error: no such container\n", code=125)
    assert look(host, CONTAINER, "garrison-embeddings") == {CONTAINER: None, "garrison-embeddings": None}


@pytest.mark.parametrize("words", [(), ("{}",), ("[]",), ('{"containers": [], "lines": "x", "keys": []}',)])
def test_without_its_argument_it_says_what_it_wants(words: tuple[str, ...], host: Host) -> None:
    done = host.run("look-logs", *words)
    assert done.returncode == 1
    assert done.stderr.startswith('look-logs: say {"containers": [NAME')
