"""The door's log by the door's own nginx: lines wait for others a moment, and none is lost when nginx ends orderly."""

import re
from collections.abc import Iterator

import pytest

from tests.compliance.failing_door import DOOR, Answer, FailingDoor, failing

__all__ = ["failing"]  # a fixture
NEVER = "s/flush=100ms/flush=600s/"


@pytest.fixture
def patient(failing: FailingDoor) -> Iterator[FailingDoor]:
    """The door whose lines wait until there are enough of them, however long that takes."""
    failing.serve_anew(NEVER)
    yield failing
    failing.serve_anew()


def lines_of(door: FailingDoor, answer: Answer) -> list[str]:
    """The lines of the access log with the id that the client was told."""
    (request,) = re.findall(r"(?im)^x-request-id: (\w+)", answer.headers)
    return [
        line for line in door.run(DOOR, "cat /tmp/log").splitlines() if f'"request_id":"{request}"' in line
    ]


def test_a_request_is_in_the_log_a_moment_after_its_answer(failing: FailingDoor) -> None:
    answers = [failing.ask(path) for path in ("/healthz", "/llama/200", "/nowhere", "/llama/health/200")]
    failing.run(DOOR, "sleep 0.2")
    assert [len(lines_of(failing, answer)) for answer in answers] == [1, 1, 1, 1]


@pytest.mark.parametrize("signal", ["QUIT", "TERM", "HUP"])
def test_a_line_that_waits_is_written_when_nginx_ends_or_reads_its_configuration_again(
    patient: FailingDoor, signal: str
) -> None:
    answer = patient.ask("/healthz")
    assert lines_of(patient, answer) == []
    patient.run(DOOR, f"kill -{signal} $(cat /tmp/nginx/nginx.pid); sleep 1")
    assert len(lines_of(patient, answer)) == 1
