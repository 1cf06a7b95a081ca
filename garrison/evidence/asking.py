"""The questions to a host with a stack, each one round trip: what answers when it is really tried."""

import json
from collections.abc import Iterable

from pydantic import TypeAdapter

from garrison.evidence.logs import Logs, logs_question
from garrison.evidence.look import Ask, Canary
from garrison.evidence.metrics import Measured
from garrison.evidence.openly import databases, services, viewers
from garrison.evidence.probes import Handshakes, Leaks, Pairs, Provocations
from garrison.evidence.spans import Collected
from garrison.plan.errors import errors_question
from garrison.plan.hostfiles import HOSTSIDE
from garrison.plan.metrics import metrics_question
from garrison.plan.step import LIB, Command, sh
from garrison.plan.tracing import spans_question
from garrison.plan.wanted import Wanted

# Seconds: a scrape so old tells how it is now, and a service that was just made anew is scraped again so soon.
FRESH, SETTLES = 60, 30


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
    words = errors_question(wanted)
    if words is None:
        return None
    return TypeAdapter(Provocations | None).validate_json(_ask_program(ask, "look-errors", words))


def ask_measured(ask: Ask, wanted: Wanted) -> Measured | None:
    """Whom Prometheus scrapes and which rules it judges; None where nobody does, or it couldn't be asked."""
    question = metrics_question(wanted, deadline=SETTLES, age=FRESH)
    answer = _ask_program(ask, "look-metrics", question) if question else "null"
    return TypeAdapter(Measured | None).validate_json(answer)


def ask_spans(ask: Ask, wanted: Wanted) -> Collected | None:
    """What becomes of spans; None where nobody takes them, or it couldn't be asked."""
    question = spans_question(wanted)
    answer = _ask_program(ask, "look-spans", question) if question else "null"
    return TypeAdapter(Collected | None).validate_json(answer)


def ask_openly(ask: Ask, wanted: Wanted) -> dict[str, str | None]:
    """What each service answers to who has neither password nor key."""
    words = databases(wanted) + services(wanted) + viewers(wanted)
    if not words:
        return {}
    program = (HOSTSIDE / "ask-openly").read_text(encoding="utf-8")
    answer = ask(Command(line=sh("python3", "-I", "-", *words).line, stdin=program))
    return TypeAdapter(dict[str, str | None]).validate_json(answer)


def ask_logs(ask: Ask, wanted: Wanted) -> Logs | None:
    """How services write their logs; None where nobody has to write documents, or it couldn't be asked."""
    question = logs_question(wanted)
    answer = _ask_program(ask, "look-logs", question) if question else "null"
    return TypeAdapter(Logs | None).validate_json(answer)


def _ask_program(ask: Ask, program: str, argument: str) -> str:
    """The answer of a program that needn't lie on the host; "null" where it fails."""
    text = (HOSTSIDE / program).read_text(encoding="utf-8")
    return ask(Command(line=f"{sh('python3', '-I', '-', argument).line} || echo null", stdin=text))
