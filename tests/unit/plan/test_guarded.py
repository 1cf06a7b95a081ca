"""A guarded step arms before it changes, reverts at once where the change fails, and ends with a proof."""

import pytest

from garrison.plan.guarded import PROGRAM, forget, guarded
from garrison.plan.step import Command, Probe, Step
from garrison.snapshot.guards import GuardState

REVERTED = {
    "name": "sshd",
    "armed": "2026-06-01T12:00:00+00:00",
    "reverted": "2026-06-01T12:02:00+00:00",
    "because": "nobody proved within 120 s that a new login works",
    "paths": ["/etc/x"],
    "reloads": [{"line": "systemctl reload ssh", "code": 0, "said": ""}],
}


@pytest.fixture
def step() -> Step:
    changes = (Command(line="install x", stdin="a secret"), Command(line="sshd -t && systemctl reload ssh"))
    return guarded("sshd", ("/etc/x", "/etc/a b"), ("systemctl reload ssh",), changes, title="t", why="w")


def test_the_guard_is_armed_before_the_first_change(step: Step) -> None:
    first = step.commands[0]
    assert isinstance(first, Command)
    assert first.line == (
        f"{PROGRAM} arm sshd --after 120 --path /etc/x --path '/etc/a b' --reload 'systemctl reload ssh'"
    )


def test_a_change_that_fails_is_taken_back_at_once_and_stays_a_failure(step: Step) -> None:
    changes = [one for one in step.commands[1:-1] if isinstance(one, Command)]
    assert [one.line.partition(" || ")[0] for one in changes] == [
        "( install x )",
        "( sshd -t && systemctl reload ssh )",
    ]
    assert all(f"{PROGRAM} revert sshd" in one.line and one.line.endswith("exit 1; }") for one in changes)
    assert changes[0].stdin == "a secret"


def test_the_proof_is_the_last(step: Step) -> None:
    assert step.commands[-1] == Probe(guard="sshd", title="t", paths=("/etc/x", "/etc/a b"), seconds=120)


def test_a_record_is_forgotten_when_nothing_is_to_be_changed_under_its_name(step: Step) -> None:
    state = GuardState.model_validate({"armed": [], "reverted": [REVERTED]})
    assert list(forget(state, (step,))) == []
    (found,) = forget(state, ())
    assert [one.line for one in found.commands if isinstance(one, Command)] == [f"{PROGRAM} forget sshd"]


def test_a_record_says_what_happened_and_why() -> None:
    state = GuardState.model_validate({"reverted": [REVERTED]})
    assert str(state.past("sshd")) == (
        "the host took back the change under the guard 'sshd' at 2026-06-01T12:02:00+00:00: "
        "nobody proved within 120 s that a new login works."
    )
    assert state.past("sudo") is None
    assert not state.is_armed("sshd")
