"""Ten thousand requests of which no two are alike leave as many series as before: nothing a client says is a label."""

import itertools
import json
import random
import re
import shlex
import string
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from garrison.dashboards.kit import on_the_kit
from garrison.plan.wanted import Wanted
from tests.compliance.client import Door
from tests.compliance.live import LiveHost, need_observability
from tests.compliance.noise import KINDS, Flood, Noise
from tests.compliance.test_metrics import SCRAPE, Prometheus

pytestmark = pytest.mark.full
CLIENT = "series-test"
MANY = 10_000
DIRECTLY = 1_000  # to each service on the kit, past the door
RATE = 100.0  # a second, half of what the door lets one client ask
# What statuses may come that didn't come before; a label of a client's would add hundreds to each service.
FEW = 200
# On the host, where no door is before a service and takes fields away. Prints how many had an answer.
PAST_THE_DOOR = """
import http.client, json, sys
answered = 0
for port, method, path, fields in json.load(sys.stdin):
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        link.request(method, path, headers=fields)
        link.getresponse().read()
        answered += 1
    finally:
        link.close()
print(answered)
"""


@dataclass(frozen=True)
class Measured:
    """How many series there are: of each job in its last scrape, and all of them in Prometheus' head."""

    of_jobs: dict[str, int]
    head: int

    def grown(self, before: "Measured") -> dict[str, int]:
        """The jobs that have more than a few series more, and by how many."""
        grown = {job: many - before.of_jobs.get(job, 0) for job, many in self.of_jobs.items()}
        return {job: more for job, more in grown.items() if more > FEW}


def measure(live: LiveHost, prometheus: Prometheus) -> Measured:
    """After a scrape of everything that begins after now."""
    now = int(live.sh("date +%s"))
    prometheus.wait_for(lambda: prometheus.value("min(timestamp(up))") > now, wanted=True, seconds=6 * SCRAPE)
    found = prometheus.get("/api/v1/query?query=scrape_samples_post_metric_relabeling")["result"]
    return Measured(
        of_jobs={one["metric"]["job"]: int(one["value"][1]) for one in found},
        head=int(prometheus.value("prometheus_tsdb_head_series")),
    )


@pytest.fixture(scope="module")
def prometheus(live: LiveHost, wanted: Wanted) -> Prometheus:
    need_observability(live)
    return Prometheus(live, wanted)


@pytest.fixture(scope="module")
def mark() -> str:
    """Letters that are in every word of the noise, and in nothing else."""
    return "zq" + "".join(random.choices(string.ascii_lowercase, k=8))  # noqa: S311 - no secret


@pytest.fixture(scope="module")
def noise(live: LiveHost, wanted: Wanted, mark: str) -> Iterator[Noise]:
    places = tuple(one.route.path for one in wanted.catalog.routed if one.route)
    with live.key_of(CLIENT) as key:
        yield Noise(mark, (*places, "/"), key)


def ask_past_the_door(live: LiveHost, wanted: Wanted, noise: Noise, seed: int, many: int) -> int:
    """So many requests to each service on the kit; how many had an answer."""
    ports = [port for one in on_the_kit(wanted.catalog) for port in one.publish.values()]
    asked = [
        (port, one.method, "/" + one.path.lstrip("/").partition("/")[2], one.fields)
        for number, port in enumerate(ports)
        for one in itertools.islice(noise.requests(1000 * (seed + 1) + number), many)
    ]
    return int(live.pipe(json.dumps(asked), f"python3 -I -c {shlex.quote(PAST_THE_DOOR)}"))


@pytest.fixture(scope="module")
def counted(
    live: LiveHost, prometheus: Prometheus, door: Door, wanted: Wanted, noise: Noise
) -> tuple[Measured, Measured, Flood]:
    """What there was after one request of each kind to each service, and after ten thousand more."""
    kit = on_the_kit(wanted.catalog)
    each = len(KINDS) * len(noise.places)
    Flood(door, noise, RATE).send(each, seed=0)
    ask_past_the_door(live, wanted, noise, 0, len(KINDS))
    before = measure(live, prometheus)
    flood = Flood(door, noise, RATE)
    flood.send(MANY, seed=1)
    assert ask_past_the_door(live, wanted, noise, 1, DIRECTLY) == DIRECTLY * len(kit)
    return before, measure(live, prometheus), flood


def test_every_one_of_them_had_an_answer(counted: tuple[Measured, Measured, Flood]) -> None:
    """Also those that a limit refused: they count too."""
    statuses = counted[2].statuses
    assert statuses.total() == MANY
    assert [status for status in statuses if not status.isdigit()] == [], statuses


def test_no_service_has_more_series_than_before(counted: tuple[Measured, Measured, Flood]) -> None:
    before, after, _ = counted
    assert set(after.of_jobs) >= set(before.of_jobs)
    assert after.grown(before) == {}


def test_prometheus_has_no_more_series_than_before(counted: tuple[Measured, Measured, Flood]) -> None:
    before, after, _ = counted
    assert after.head - before.head < FEW * len(after.of_jobs)
    assert after.head - before.head < MANY / 2


@pytest.mark.usefixtures("counted")
def test_no_label_has_a_word_of_a_client(prometheus: Prometheus, mark: str) -> None:
    values = {
        name: prometheus.get(f"/api/v1/label/{name}/values") for name in prometheus.get("/api/v1/labels")
    }
    assert CLIENT in values["client"], "what clients do isn't among what was looked through"
    assert [(name, one) for name, found in values.items() for one in found if mark in one.lower()] == []


@pytest.mark.usefixtures("counted")
def test_no_service_shows_a_word_of_a_client(live: LiveHost, wanted: Wanted, mark: str) -> None:
    for service in on_the_kit(wanted.catalog):
        assert service.metrics
        url = f"http://{service.name}:{service.listen[service.metrics.port]}{service.metrics.path}"
        text = live.podman("exec", "garrison-prometheus", "curl", "-sf", url)
        assert re.search(r'^http_requests_total\{.*route="unmatched"', text, re.M), service.name
        assert mark not in text.lower(), service.name


def test_a_service_that_grows_is_seen() -> None:
    before = Measured({"aidb": 300, "redis": 20}, 320)
    after = Measured({"aidb": 300 + FEW + 1, "redis": 20 + FEW, "new": 10}, 1000)
    assert after.grown(before) == {"aidb": FEW + 1}
