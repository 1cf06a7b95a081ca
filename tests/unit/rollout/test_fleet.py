"""A host that can't be judged is told as such, and takes no other's result with it."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from rich.console import Console

from garrison.evidence.look import Ask
from garrison.plan.step import Command
from garrison.rollout import fleet
from garrison.rollout.events import Progress
from garrison.rollout.fleet import Looked, look_at_all
from garrison.rollout.targets import Target


@contextmanager
def answering(target: Target) -> Iterator[Ask]:
    yield lambda command: f"{target.name} says {command.line}"


@pytest.fixture
def without_ssh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet, "connected", answering)


def looked(spoilt: Exception) -> list[Looked[str]]:
    def judge(target: Target, ask: Ask) -> str:
        if target.name == "beta":
            raise spoilt
        return ask(Command(line="yes"))

    targets = [Target(name=name, data={}) for name in ("alpha", "beta", "gamma")]
    return list(look_at_all(targets, judge, 2, Progress(Console(file=io.StringIO()))))


@pytest.mark.usefixtures("without_ssh")
@pytest.mark.parametrize("spoilt", [KeyError("host"), TypeError("no text"), AttributeError("split")])
def test_an_answer_that_nobody_foresaw_hides_no_other_host(spoilt: Exception) -> None:
    alpha, beta, gamma = looked(spoilt)
    assert (alpha.seen, gamma.seen) == ("alpha says yes", "gamma says yes")
    (problem,) = beta.problems
    assert (problem.where, problem.id) == ("beta", "check.unanswered")
    assert type(spoilt).__name__ in problem.what
