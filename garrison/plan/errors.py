"""Phase 2.4 errors: a property of the door and of our services, so nothing to change, but much to prove."""

import json

from garrison.catalog.size import parse_size
from garrison.evidence.errors import find_errors
from garrison.evidence.probes import Provocations
from garrison.plan.judged import pass_or_return
from garrison.plan.step import LIB, Command, Exchange, PhasePlan, Step, sh
from garrison.plan.wanted import Wanted


def plan_errors(wanted: Wanted) -> PhasePlan:
    """The gate provokes failures at the door and on every route, with a key too, and judges the answers here."""
    ask = sh(f"{LIB}/look-errors", "--keyed", errors_question(wanted) or "{}")
    return PhasePlan(
        id="2.4",
        title="errors",
        gate=Step(
            title="prove that failures tell nothing but an id that the log knows",
            why="something changed",
            commands=(Exchange(ask=ask, answer=lambda answer: judge_provoked(answer, wanted)),),
        ),
    )


def errors_question(wanted: Wanted) -> str | None:
    """look-errors' argument: how the door is reached and its routes; None without a door."""
    door = wanted.catalog.door
    if door is None or door.door is None:
        return None
    routes = [
        {"path": one.route.path, "auth": one.route.auth, "body": parse_size(one.route.body)}
        for one in wanted.catalog.routed
        if one.route
    ]
    name = wanted.settings.server_names[0]
    return json.dumps({"name": name, "http": door.door.http, "https": door.door.https, "routes": routes})


def judge_provoked(answer: str, wanted: Wanted) -> tuple[Command, ...]:
    """What to run next: nothing where all is well, else a command that says what isn't and takes the release back."""
    return pass_or_return(find_errors(Provocations.model_validate_json(answer)), wanted)
