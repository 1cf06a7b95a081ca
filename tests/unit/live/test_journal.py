"""What the tests of live hosts take for a line of JSON, and what they don't."""

import json

import pytest

from tests.compliance.journal import find_faults, read_entries


def printed(message: object, priority: str = "6", **more: str) -> str:
    return json.dumps({"MESSAGE": message, "PRIORITY": priority} | more)


def test_a_line_of_json_has_no_fault() -> None:
    assert find_faults(read_entries(printed('{"event": "request", "path": "/\\u001b"}'))) == []


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (printed([123, 255, 125]), "no UTF-8: "),
        (printed(None), "no UTF-8: "),
        (printed('{"a": 1}', CONTAINER_PARTIAL_MESSAGE="true"), "a piece of a longer line: "),
        (printed('{"a": "x'), "no JSON: "),
        (printed("Traceback (most recent call last):"), "no JSON: "),
        (printed('["a"]'), "no object: "),
    ],
)
def test_whatever_else_a_service_writes_is_a_fault(entry: str, fault: str) -> None:
    (said,) = find_faults(read_entries(entry))
    assert said.startswith(fault)


def test_what_came_from_stderr_is_known() -> None:
    entries = read_entries("\n".join([printed("a", "3"), printed("b")]))
    assert [one.is_error for one in entries] == [True, False]


def test_nothing_printed_is_no_entry() -> None:
    assert read_entries("") == []
