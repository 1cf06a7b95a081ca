"""What the door counts of itself: by the door's own nginx before services that fail, and as Prometheus has it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from garrison.plan.step import LIB
from garrison.plan.wanted import Wanted
from tests.compliance.failing_door import DOOR, FailingDoor, failing
from tests.compliance.live import LiveHost, need_observability

__all__ = ["failing"]  # a fixture
CLIENT = "door-metrics-test"
# Where the door's own pages stand in the place of the service's: the route must be known there too.
ROUTE = "/llama/"
REQUESTS, SECONDS = "garrison_door_requests_total", "garrison_door_request_duration_seconds"
REFUSED, OUTDATED = "garrison_door_refused_total", "garrison_door_keys_outdated"
TRIES = 50
Counts = dict[str, float]


@pytest.fixture(scope="module", autouse=True)
def _observed(live: LiveHost) -> None:
    need_observability(live)


@pytest.fixture(scope="module")
def key(live: LiveHost) -> Iterator[str]:
    keys = f"{LIB}/keys"
    live.quietly(f"{keys} revoke {CLIENT}")
    yield live.sh(f"{keys} add {CLIENT} --scopes read")
    live.sh(f"{keys} revoke {CLIENT}")


@pytest.fixture
def url(wanted: Wanted) -> str:
    """Where the door shows its metrics, inside of its container."""
    door = wanted.catalog.door
    assert door
    assert door.metrics
    return f"http://127.0.0.1:{door.listen[door.metrics.port]}{door.metrics.path}"


class Counted:
    """The counts of a door, and what has been added to them meanwhile."""

    def __init__(self, door: FailingDoor, url: str) -> None:
        self.door, self.url = door, url

    def now(self) -> Counts:
        lines = self.door.run(DOOR, f"curl -sf {self.url}").splitlines()
        return {
            name: float(value)
            for line in lines
            if not line.startswith("#")
            for name, value in [line.rsplit(" ", 1)]
        }

    def settled(self, before: Counts) -> Counts:
        """Those after ``before``, once no more is added: nginx counts a request after it has answered."""
        found = self.now()
        for _ in range(TRIES):
            last, found = found, self.now()
            if only_requests(last) == only_requests(found) != only_requests(before):
                break
        return found

    @contextmanager
    def added(self) -> Iterator[Counts]:
        """Filled in the end with what has changed, and by how much."""
        found: Counts = {}
        before = self.now()
        yield found
        after = self.settled(before)
        assert set(after) == set(before)
        found.update({name: after[name] - before[name] for name in after if after[name] != before[name]})


@pytest.fixture
def counted(failing: FailingDoor, url: str) -> Counted:
    return Counted(failing, url)


def requests(route: str, status: str) -> str:
    return f'{REQUESTS}{{route="{route}",status="{status}"}}'


def only_requests(found: Counts) -> Counts:
    return {name: value for name, value in found.items() if name.startswith(REQUESTS)}


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
@pytest.mark.parametrize(
    ("path", "route", "status"),
    [
        ("/llama/200", ROUTE, "2xx"),
        ("/llama/302", ROUTE, "3xx"),
        ("/llama/404", ROUTE, "4xx"),
        ("/llama/503", ROUTE, "5xx"),
        ("/llama/a/../b", ROUTE, "4xx"),
        ("/llama/health/200", "health", "2xx"),
        ("/llama/health/500", "health", "5xx"),
        ("/embeddings/info", "/embeddings/", "5xx"),
        ("/", "other", "2xx"),
        ("/healthz", "other", "2xx"),
        ("/llama/metrics", "other", "4xx"),
        ("/metrics", "other", "4xx"),
        ("/nowhere", "other", "4xx"),
    ],
)
def test_a_request_is_counted_once_by_its_route_and_class(
    failing: FailingDoor, counted: Counted, key: str, path: str, route: str, status: str, version: str
) -> None:
    with counted.added() as found:
        failing.ask(path, version, key=key)
    assert only_requests(found) == {requests(route, status): 1}
    assert found[f'{SECONDS}_count{{route="{route}"}}'] == 1
    assert found[f'{SECONDS}_bucket{{route="{route}",le="+Inf"}}'] == 1
    assert {name for name in found if name.startswith(REFUSED)} == set()


def test_how_long_a_request_took_is_in_the_buckets_from_there_on(
    failing: FailingDoor, counted: Counted
) -> None:
    """A service that never answers is given up after ten seconds at its health."""
    with counted.added() as found:
        failing.ask("/llama/health/silent")
    buckets = {name.split('le="')[1][:-2] for name in found if name.startswith(f"{SECONDS}_bucket")}
    assert buckets == {"60", "+Inf"}
    assert found[f'{SECONDS}_sum{{route="health"}}'] > 9


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ((), "no_key"),
        (("-H", "X-API-Key: gk_guessed"), "unknown_key"),
        (("-H", "Authorization: Bearer gk_guessed"), "unknown_key"),
    ],
    ids=["without", "in X-API-Key", "as a Bearer token"],
)
def test_a_request_without_a_good_key_is_counted_as_refused(
    failing: FailingDoor, counted: Counted, headers: tuple[str, ...], reason: str
) -> None:
    with counted.added() as found:
        failing.ask("/llama/200", *headers)
    assert only_requests(found) == {requests(ROUTE, "4xx"): 1}
    assert {name for name in found if name.startswith(REFUSED)} == {f'{REFUSED}{{reason="{reason}"}}'}


@pytest.mark.parametrize("status", [401, 429])
def test_what_a_service_refuses_is_not_the_doors_refusal(
    failing: FailingDoor, counted: Counted, key: str, status: int
) -> None:
    with counted.added() as found:
        failing.ask(f"/llama/{status}", key=key)
    assert only_requests(found) == {requests(ROUTE, "4xx"): 1}
    assert {name for name in found if name.startswith(REFUSED)} == set()


TOO_OFTEN = "s/rate=[0-9]+r\\/s/rate=1r\\/m/; s/burst=[0-9]+/burst=5/"
TOO_MANY = "s/concurrent [0-9]+/concurrent 2/"


@pytest.fixture
def strict(failing: FailingDoor, request: pytest.FixtureRequest) -> Iterator[FailingDoor]:
    """The door with a limit that is met at once."""
    failing.serve_anew(request.param)
    yield failing
    failing.serve_anew()


@pytest.mark.parametrize(
    ("strict", "many", "path", "reason", "refused"),
    [
        (TOO_OFTEN, 20, "/llama/health/200", "rate", 14),
        (TOO_MANY, 4, "/llama/health/silent", "concurrent", 2),
    ],
    ids=["too often", "too many at once"],
    indirect=["strict"],
)
def test_whoever_asks_too_much_is_counted_by_the_limit_that_refused_it(
    strict: FailingDoor, counted: Counted, many: int, path: str, reason: str, refused: int
) -> None:
    """One and a burst of five are answered, of those at once two."""
    address = f"{strict.name}:8443"
    with counted.added() as found:
        strict.run(
            DOOR,
            f"curl -sk --http1.1 --parallel --parallel-immediate -o /dev/null --resolve {address}:127.0.0.1 "
            f"'https://{address}{path}?[1-{many}]'",
        )
    answered = only_requests(found)
    assert sum(answered.values()) == many
    assert sum(value for name, value in answered.items() if "4xx" in name) == refused
    assert {name: value for name, value in found.items() if name.startswith(REFUSED)} == {
        f'{REFUSED}{{reason="{reason}"}}': refused
    }


def test_hundreds_of_paths_make_no_series_more(failing: FailingDoor, counted: Counted, key: str) -> None:
    """``added`` compares the names before and after."""
    name = failing.name
    words = f"curl -sk --rate 150/s -o /dev/null -H 'X-API-Key: {key}' --resolve {name}:8443:127.0.0.1"
    with counted.added() as found:
        failing.run(DOOR, f"{words} 'https://{name}:8443/llama/[1-200]' 'https://{name}:8443/[1-200]/x'")
    assert sum(only_requests(found).values()) == 400


def test_the_series_are_those_of_the_catalogs_routes(counted: Counted, wanted: Wanted) -> None:
    routes = {one.route.path for one in wanted.catalog.routed if one.route}
    found = counted.now()
    names = {name.split("{")[0] for name in found}
    assert set(re.findall(r'route="([^"]+)"', " ".join(found))) == {*routes, "health", "other"}
    assert all(requests(route, status) in found for route in routes for status in ("2xx", "5xx"))
    assert {"garrison_door_connections", "garrison_door_connections_max", OUTDATED} <= names


def test_nginx_reads_its_configuration_again_without_losing_count(
    failing: FailingDoor, counted: Counted, key: str
) -> None:
    """As it does when the host lays down another certificate."""
    failing.ask("/llama/200", key=key)
    before = counted.now()
    failing.run(DOOR, "kill -HUP $(cat /tmp/nginx/nginx.pid); sleep 1")
    after = counted.now()
    assert after[requests(ROUTE, "2xx")] == before[requests(ROUTE, "2xx")] > 0
    assert after["process_start_time_seconds"] == before["process_start_time_seconds"] > 0


def test_the_listener_for_prometheus_serves_nothing_else(failing: FailingDoor, url: str) -> None:
    base = url.removesuffix("/metrics")
    for path in ("/", "/llama/200", "/healthz", "/metrics/"):
        assert failing.run(DOOR, f"curl -so /dev/null -w '%{{http_code}}' {base}{path}") == "404"
