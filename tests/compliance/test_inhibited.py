"""The live Alertmanager tells of what is the cause, and of what follows from it only when the cause is over."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep

import pytest

from tests.compliance.live import LiveHost, need_observability
from tests.told_together import CASES, Case, Labels

URL = "http://127.0.0.1:9093/api/v2/alerts"
# By it the alerts of this test are known from those that the host has at the same time.
MARK = {"host": "tried"}


@dataclass(frozen=True)
class Alertmanager:
    """Its API, asked inside its own container."""

    live: LiveHost

    def fire(self, *alerts: Labels) -> None:
        """As Prometheus does; they end by themselves where nobody ends them."""
        self._post(alerts, timedelta(minutes=2))

    def end(self, *alerts: Labels) -> None:
        self._post(alerts, timedelta(seconds=-1))

    def untold(self) -> list[Labels]:
        """Those of this test that are held back because of another."""
        return [one["labels"] for one in self._mine() if one["status"]["inhibitedBy"]]

    def told(self) -> list[Labels]:
        return [one["labels"] for one in self._mine() if one["status"]["state"] == "active"]

    def _mine(self) -> list[dict[str, dict[str, str]]]:
        found = json.loads(self._curl(f"{URL}?filter=host%3Dtried"))
        return list(found)

    def _post(self, alerts: tuple[Labels, ...], lasts: timedelta) -> None:
        now = datetime.now(UTC)
        starts, ends = (now - timedelta(minutes=1)).isoformat(), (now + lasts).isoformat()
        body = [{"labels": one | MARK, "startsAt": starts, "endsAt": ends} for one in alerts]
        self._curl("-H", "Content-Type: application/json", "-d", json.dumps(body), URL)

    def _curl(self, *words: str) -> str:
        return self.live.podman("exec", "garrison-alertmanager", "curl", "-sf", *words)


@pytest.fixture(scope="module")
def alertmanager(live: LiveHost) -> Alertmanager:
    need_observability(live)
    return Alertmanager(live)


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest, alertmanager: Alertmanager) -> Iterator[Case]:
    """What fires together in it, one case at a time: they share services."""
    fires: Case = request.param
    alertmanager.fire(*fires.told, *fires.untold)
    try:
        yield fires
    finally:
        alertmanager.end(*fires.told, *fires.untold)


def test_the_cause_is_told_and_what_follows_from_it_is_not(alertmanager: Alertmanager, case: Case) -> None:
    wanted = (names(case.told), names(case.untold))
    end = monotonic() + 20
    while (
        found := (names(alertmanager.told()), names(alertmanager.untold()))
    ) != wanted and monotonic() < end:
        sleep(0.5)
    assert found == wanted


def names(alerts: tuple[Labels, ...] | list[Labels]) -> list[str]:
    return sorted(f"{one['alertname']} {one['job']} {one.get('route', '')}" for one in alerts)
