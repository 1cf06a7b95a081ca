"""A change that the host had to take back, or that nobody has proven yet, is a finding."""

from types import SimpleNamespace
from typing import Any

from garrison.controls.code import find_functions
from garrison.snapshot.guards import GuardState

TIMES = {"armed": "2026-06-01T12:00:00+00:00", "reverted": "2026-06-01T12:02:00+00:00"}


def said(**state: Any) -> list[str]:
    seen: Any = SimpleNamespace(snapshot=SimpleNamespace(guards=GuardState.model_validate(state)))
    return [f"{one.where}: {one.what}" for one in find_functions()["no-change-was-taken-back"](seen)]


def test_a_host_on_which_nothing_was_taken_back_passes() -> None:
    assert said() == []


def test_a_change_that_waits_is_found() -> None:
    assert said(armed=[{"name": "sudo", "armed": TIMES["armed"], "after": 120}]) == [
        "sudo: a change of 2026-06-01T12:00:00+00:00 waits for its proof, at most 120 s."
    ]


def test_a_change_that_was_taken_back_is_found_with_the_reason() -> None:
    record = {"name": "sshd", **TIMES, "because": "nobody proved it", "paths": ["/etc/a"]}
    assert said(reverted=[record]) == [
        "sshd: the host took back the change under the guard 'sshd' at 2026-06-01T12:02:00+00:00: nobody proved it."
    ]
