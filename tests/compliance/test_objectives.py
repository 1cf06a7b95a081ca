"""What the rules on error budgets need is there on a live host: an objective for each route, and the door's counts."""

from functools import partial
from urllib.parse import quote

import pytest

from garrison.plan.wanted import Wanted
from tests.compliance.live import LiveHost, need_observability
from tests.compliance.test_metrics import SCRAPE, Prometheus


@pytest.fixture(scope="module")
def prometheus(live: LiveHost, wanted: Wanted) -> Prometheus:
    need_observability(live)
    return Prometheus(live, wanted)


def test_every_route_has_an_objective_and_the_door_counts_on_it(
    prometheus: Prometheus, wanted: Wanted
) -> None:
    """Also those that nobody has asked for: a rate has to see the first error."""
    routes = {one.route.path for one in wanted.catalog.routed if one.route}
    for name in ("route:objective:ratio", "route:door_requests:rate5m"):
        prometheus.wait_for(partial(has_routes, prometheus, name, {*routes, "all"}), True, 3 * SCRAPE)
    for service in wanted.catalog.scraped:
        assert prometheus.value(f'job:objective:ratio{{job="{service.name}"}}') >= 0.5


def has_routes(prometheus: Prometheus, name: str, wanted: set[str]) -> bool:
    """Whether a recorded series is there for each of them."""
    found = prometheus.get(f"/api/v1/query?query={quote(name)}")["result"]
    return wanted <= {one["metric"]["route"] for one in found}
