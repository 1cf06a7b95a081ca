"""What watches the stack is asked by programs that needn't lie on the host, and only where it is there."""

import json
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from garrison.catalog.loader import load_catalog
from garrison.evidence.asking import FRESH, ask_logs, ask_measured, ask_spans
from garrison.plan.hostfiles import HOSTSIDE
from garrison.plan.step import Command
from garrison.plan.wanted import Wanted

Asks = Callable[[Callable[[Command], str], Wanted], Any]
PROGRAMS = [(ask_measured, "look-metrics"), (ask_spans, "look-spans"), (ask_logs, "look-logs")]


@pytest.fixture(scope="module")
def observed(wanted: Wanted, root: Path) -> Wanted:
    return replace(wanted, catalog=load_catalog([root / "services"]).select(["core", "observability"]))


class Asked:
    """Answers as the host would where a program ends with an error, and keeps what was asked."""

    def __init__(self) -> None:
        self.commands: list[Command] = []

    def __call__(self, command: Command) -> str:
        self.commands.append(command)
        return "null\n"


@pytest.mark.parametrize(("ask", "program"), PROGRAMS)
def test_the_program_is_sent_along_and_its_failure_is_no_answer(
    ask: Asks, program: str, observed: Wanted
) -> None:
    asked = Asked()
    assert ask(asked, observed) is None
    (command,) = asked.commands
    assert command.stdin == (HOSTSIDE / program).read_text()
    assert command.line.startswith("python3 -I - ")
    assert command.line.endswith(" || echo null")


@pytest.mark.parametrize("ask", [ask_measured, ask_spans])
def test_where_nobody_watches_nobody_is_asked(ask: Asks, wanted: Wanted) -> None:
    asked = Asked()
    assert ask(asked, wanted) is None
    assert asked.commands == []


def test_a_check_takes_a_scrape_of_the_last_minute_for_an_answer(observed: Wanted) -> None:
    asked = Asked()
    ask_measured(asked, observed)
    given = json.loads(shlex.split(asked.commands[0].line)[3])
    assert given["age"] == FRESH
    assert given["deadline"] < FRESH
