"""Looks at a host for evidence: a few questions, each one round trip, by whatever way the caller reaches it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from garrison.evidence.deployed import has_stack
from garrison.evidence.later import Later
from garrison.evidence.openly import databases, services
from garrison.evidence.probes import Handshakes, Leaks, Pairs, Provocations
from garrison.plan.hostfiles import HOSTSIDE
from garrison.plan.question import ask_about
from garrison.plan.step import LIB, Command, sh
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


def look(
    ask: Ask,
    settings: HostSettings,
    *,
    canaries: Iterable[Canary] = (),
    probes: bool = True,
    walks: bool = False,
) -> tuple[Evidence, Wanted]:
    """What is on the host and what should be: most of that is made while the host still looks.

    ``canaries`` are addresses outside that the host can reach.
    ``probes`` are asked where a stack is deployed: before that there is nothing to try and nothing to search.

    Raises what ``ask`` raises, ProblemError for a faulty catalog, and ValueError (pydantic's among it) for an
    answer that isn't one.
    """
    asked = Later(lambda: ask_snapshot(ask, settings, walks=walks))
    asked.wait(SENT)
    # Loading what renders takes as long as a good part of what it does.
    from garrison.evidence.checks import Evidence
    from garrison.plan.expect import prepare

    prepared = prepare(settings)
    snapshot = asked.result()
    wanted = prepared.on(snapshot)
    if not probes or not has_stack(snapshot):
        return Evidence(snapshot=snapshot), wanted
    # Each waits for something else: for silence, for Podman, for handshakes.
    pairs = Later(lambda: ask_pairs(ask, wanted, canaries))
    leaks = Later(lambda: ask_leaks(ask))
    door = Later(lambda: ask_door(ask, wanted))
    errors = Later(lambda: ask_errors(ask, wanted))
    openly = Later(lambda: ask_openly(ask, wanted))
    found = Evidence(
        snapshot=snapshot,
        pairs=pairs.result(),
        leaks=leaks.result(),
        door=door.result(),
        errors=errors.result(),
        openly=openly.result(),
    )
    return found, wanted


def ask_snapshot(ask: Ask, settings: HostSettings, *, walks: bool = False) -> Snapshot:
    """All facts in one round trip; ``walks`` has the host look through its file systems too."""
    line = sh("python3", "-I", "-", ask_about(settings, walks=walks)).line
    return Snapshot.parse(json.loads(ask(Command(line=line, stdin=pack(), timeout=600))))


def ask_pairs(ask: Ask, wanted: Wanted, canaries: Iterable[Canary] = ()) -> Pairs:
    """The whole matrix in one round trip."""
    services = wanted.catalog.services.items()
    ports = {name: sorted(set(service.listen.values())) for name, service in services}
    names = sorted(goal.host for _, one in services if one.egress for goal in one.egress.to if goal.host)
    argument = json.dumps({"ports": ports, "canaries": [list(one) for one in canaries], "names": names})
    return Pairs.model_validate_json(ask(sh(f"{LIB}/try-pairs", argument)))


def ask_leaks(ask: Ask) -> Leaks:
    """Where the host's secrets stand, searched on the host itself."""
    return Leaks.model_validate_json(ask(sh(f"{LIB}/find-leaks", timeout=600)))


def ask_door(ask: Ask, wanted: Wanted) -> Handshakes | None:
    """What the door does with all kinds of clients; None where it doesn't answer, which is for others to say."""
    door = wanted.catalog.door
    if door is None or door.door is None:
        return None
    words = (
        "--name",
        wanted.settings.server_names[0],
        "--http",
        str(door.door.http),
        "--https",
        str(door.door.https),
    )
    program = (HOSTSIDE / "look-door").read_text(encoding="utf-8")
    answer = ask(Command(line=f"{sh('python3', '-I', '-', *words).line} || echo null", stdin=program))
    return TypeAdapter(Handshakes | None).validate_json(answer)


def ask_errors(ask: Ask, wanted: Wanted) -> Provocations | None:
    """What failures are answered that need no key; None where the door doesn't answer."""
    from garrison.plan.errors import errors_question  # loads what is wanted: look() says why it waits

    words = errors_question(wanted)
    if words is None:
        return None
    program = (HOSTSIDE / "look-errors").read_text(encoding="utf-8")
    answer = ask(Command(line=f"{sh('python3', '-I', '-', words).line} || echo null", stdin=program))
    return TypeAdapter(Provocations | None).validate_json(answer)


def ask_openly(ask: Ask, wanted: Wanted) -> dict[str, str | None]:
    """What each service answers to who has neither password nor key."""
    words = databases(wanted) + services(wanted)
    if not words:
        return {}
    program = (HOSTSIDE / "ask-openly").read_text(encoding="utf-8")
    answer = ask(Command(line=sh("python3", "-I", "-", *words).line, stdin=program))
    return TypeAdapter(dict[str, str | None]).validate_json(answer)
