"""Phase 3.3 tracing: who sends spans and who takes them are services like any other; one trace proves it."""

import json

from garrison.evidence.spans import EXAMPLES, QUESTIONS
from garrison.evidence.traces import Traced, find_untraced
from garrison.plan.judged import pass_or_return
from garrison.plan.step import LIB, Command, Exchange, PhasePlan, Step, sh
from garrison.plan.wanted import Wanted

DEADLINE = 45  # seconds: a service sends what it has every five
_SENDING = 120


def plan_tracing(wanted: Wanted) -> PhasePlan:
    """The gate sends one trace through the door and waits for its spans; where nobody takes any there is no gate."""
    question = traces_question(wanted)
    if question is None:
        return PhasePlan(id="3.3", title="tracing")
    ask = sh(f"{LIB}/look-traces", question, timeout=DEADLINE + _SENDING)
    return PhasePlan(
        id="3.3",
        title="tracing",
        gate=Step(
            title="prove that a request becomes one trace with a span of each service it went to",
            why="something changed",
            commands=(Exchange(ask=ask, answer=lambda answer: judge_traced(answer, wanted)),),
        ),
    )


def traces_question(wanted: Wanted) -> str | None:
    """look-traces' argument: door, routes, and where the collector answers on the host; None where nobody would."""
    catalog = wanted.catalog
    door, collector = catalog.door, catalog.collector
    if door is None or door.door is None or collector is None or not collector.publish:
        return None
    routes = [
        {"service": one.name, "path": one.route.path, "auth": one.route.auth}
        for one in catalog.traced
        if one.route
    ]
    asked = {
        "name": wanted.settings.server_names[0],
        "https": door.door.https,
        "query": next(iter(collector.publish.values())),
        "routes": routes,
        "deadline": DEADLINE,
    }
    return json.dumps(asked) if routes else None


def spans_question(wanted: Wanted) -> str | None:
    """look-spans' argument: where collector and Prometheus answer on the host; None where one of them isn't."""
    collector, scraper = wanted.catalog.collector, wanted.catalog.scraper
    if collector is None or scraper is None or not collector.publish or not scraper.publish:
        return None
    ports = {
        name: next(iter(one.publish.values()))
        for name, one in (("collector", collector), ("prometheus", scraper))
    }
    return json.dumps({**ports, "questions": dict(QUESTIONS), "examples": dict(EXAMPLES)})


def judge_traced(answer: str, wanted: Wanted) -> tuple[Command, ...]:
    """What to run next: nothing where all is well, else a command that says what isn't and takes the release back."""
    return pass_or_return(find_untraced(Traced.model_validate_json(answer), wanted), wanted)
