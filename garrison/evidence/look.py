"""Looks at a host for evidence: a few questions, each one round trip, by whatever way the caller reaches it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from garrison.evidence.deployed import has_stack
from garrison.evidence.later import Later
from garrison.plan.question import ask_about
from garrison.plan.step import Command, sh
from garrison.problem import Problem, ProblemError
from garrison.settings import HostSettings
from garrison.snapshot.model import Snapshot
from garrison.snapshot.program import pack

if TYPE_CHECKING:
    from garrison.evidence.checks import Evidence
    from garrison.plan.wanted import Wanted

# Runs a command as root on the host and returns its standard output.
Ask = Callable[[Command], str]
Canary = tuple[str, int]
# Seconds until a question is with the host: it takes a few round trips, and computing meanwhile would hold them up.
SENT = 0.05
# Seconds in which what has arrived is read.
YIELDED = 0.001


def look(
    ask: Ask,
    settings: HostSettings,
    *,
    canaries: Iterable[Canary] = (),
    probes: bool = True,
    walks: bool = False,
    meanwhile: Callable[[], None] = lambda: None,
) -> tuple[Evidence, Wanted]:
    """What is on the host and what should be: most of that is made while the host still looks.

    ``canaries`` are addresses outside that the host can reach.
    ``meanwhile`` is done while the host looks: what the caller needs afterwards.
    ``probes`` are asked where a stack is deployed: before that there is nothing to try and nothing to search.

    Raises what ``ask`` raises, ProblemError for a faulty catalog or a file that can't be read, and ValueError
    (pydantic's among it) for an answer that isn't one.
    """
    asked = Later(lambda: ask_snapshot(ask, settings, walks=walks))
    asked.wait(SENT)
    # Loading what renders takes as long as a good part of what it does.
    from garrison.evidence import asking
    from garrison.evidence.checks import Evidence
    from garrison.plan.expect import prepare

    with _files_of_this_machine():
        prepared = prepare(settings)
    meanwhile()
    prepared.foresee(is_in_time=lambda: asked.is_at_work(YIELDED))
    snapshot = asked.result()
    wanted = prepared.on(snapshot)
    if not probes or not has_stack(snapshot):
        return Evidence(snapshot=snapshot), wanted
    # Each waits for something else: for silence, for Podman, for handshakes.
    pairs = Later(lambda: asking.ask_pairs(ask, wanted, canaries))
    leaks = Later(lambda: asking.ask_leaks(ask))
    door = Later(lambda: asking.ask_door(ask, wanted))
    errors = Later(lambda: asking.ask_errors(ask, wanted))
    openly = Later(lambda: asking.ask_openly(ask, wanted))
    measured = Later(lambda: asking.ask_measured(ask, wanted))
    spans = Later(lambda: asking.ask_spans(ask, wanted))
    logs = Later(lambda: asking.ask_logs(ask, wanted))
    found = Evidence(
        snapshot=snapshot,
        pairs=pairs.result(),
        leaks=leaks.result(),
        door=door.result(),
        errors=errors.result(),
        openly=openly.result(),
        measured=measured.result(),
        spans=spans.result(),
        logs=logs.result(),
    )
    return found, wanted


def ask_snapshot(ask: Ask, settings: HostSettings, *, walks: bool = False) -> Snapshot:
    """All facts in one round trip; ``walks`` has the host look through its file systems too.

    Raises ProblemError for a file of this machine that the settings name and that can't be read.
    """
    with _files_of_this_machine():
        line = sh("python3", "-I", "-", ask_about(settings, walks=walks)).line
    return Snapshot.parse(json.loads(ask(Command(line=line, stdin=pack(), timeout=600))))


@contextmanager
def _files_of_this_machine() -> Iterator[None]:
    """Those that an inventory names are read in here: one that can't be is its fault, and no host's."""
    try:
        yield
    except OSError as error:
        problem = Problem(
            where="inventory",
            id="settings.file",
            what=f"{error.filename} can't be read: {error.strerror}.",
            remedy="Put the file there, or mend the setting that names it.",
        )
        raise ProblemError([problem]) from error
