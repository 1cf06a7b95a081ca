"""What the door adds to a request: TLS, the check of the key, the proxy."""

import json
from statistics import median, quantiles

from garrison.plan.question import CA_FILE
from garrison.plan.step import LIB
from garrison.plan.wanted import Wanted
from tests.bench.host_programs import run_on
from tests.bench.report import Outcome, Row, Section, keep, load_average
from tests.bench.rounds import ROUNDS
from tests.compliance.live import LiveHost

SERVICE, PATH = "embeddings", "info"


def test_the_door_costs_less_than_the_request_five_times_over(host: LiveHost, wanted: Wanted) -> None:
    """A cheap request, in turns, each side over one connection kept alive."""
    assert wanted.catalog.door
    assert wanted.catalog.door.door
    service = wanted.catalog.services[SERVICE]
    assert service.route
    question = {
        "lib": LIB,
        "name": wanted.settings.server_names[0],
        "https": wanted.catalog.door.door.https,
        "port": service.publish["http"],
        "route": service.route.path,
        "path": PATH,
        "ca": CA_FILE,
        "requests": 200 * ROUNDS,
    }
    before = load_average()
    found = run_on(host, "door", json.dumps(question))
    door, direct = (sorted(1000 * one for one in found[side]) for side in ("door", "direct"))
    added = median(door) - median(direct)
    keep(
        Section(
            id="door",
            method=f"GET {service.route.path}{PATH}, {len(door)} times each in turns, by http.client on the host.",
            rows=(
                _row("through the door, TLS kept alive, key checked", door),
                _row("asked directly", direct),
            ),
            outcomes=(
                Outcome(what="added at p50", measured=f"{added:.2f} ms", aim="at most 1.5 ms"),
                Outcome(
                    what="added at the minimum", measured=f"{door[0] - direct[0]:.2f} ms", aim="none stated"
                ),
                Outcome(
                    what="added at p99", measured=f"{_p99(door) - _p99(direct):.2f} ms", aim="none stated"
                ),
            ),
            load=(before, load_average()),
        )
    )
    assert median(door) < 5 * median(direct)


def _row(what: str, milliseconds: list[float]) -> Row:
    figures = {"requests": len(milliseconds), "min ms": min(milliseconds), "p50 ms": median(milliseconds)}
    return Row(what=what, figures={**figures, "p99 ms": _p99(milliseconds)})


def _p99(milliseconds: list[float]) -> float:
    return quantiles(milliseconds, n=100)[98]
