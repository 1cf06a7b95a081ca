"""look-dashboards against a server that answers as Grafana does: it waits, and tells what it saw."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from garrison.evidence.dashboards import Loaded
from tests.unit.hostside.conftest import Host
from tests.unit.hostside.servers import serving

PASSWORD = "a-password-of-this-test-alone"  # noqa: S105
SECRET = "grafana_admin_password"  # noqa: S105 - its name
HEALTH = "/api/datasources/uid/prometheus/health"


class Grafana:
    """What is answered to each path; ``later`` is answered from the second round on."""

    def __init__(self) -> None:
        self.now: dict[str, tuple[int, Any]] = {
            "/api/search": (200, [{"uid": "garrison-overview"}, {"uid": "garrison-aidb"}]),
            "/api/datasources": (200, [{"uid": "prometheus", "name": "Prometheus"}]),
            HEALTH: (200, {"status": "OK", "message": "well"}),
        }
        self.later: dict[str, tuple[int, Any]] = {}
        self.rounds = 0

    def answer(self, target: str, headers: Any) -> tuple[int, dict[str, str], bytes]:
        status, document = self.document(target.partition("?")[0], headers.get("Authorization", ""))
        return status, {}, json.dumps(document).encode()

    def document(self, path: str, header: str) -> tuple[int, Any]:
        self.rounds += path == "/api/search"
        if header != "Basic " + base64.b64encode(f"admin:{PASSWORD}".encode()).decode():
            return 401, {"message": "Unauthorized"}
        return {**self.now, **(self.later if self.rounds > 1 else {})}[path]


@pytest.fixture
def grafana() -> Grafana:
    return Grafana()


@pytest.fixture
def port(grafana: Grafana) -> Iterator[int]:
    with serving(grafana.answer) as port:
        yield port


@pytest.fixture
def look(host: Host, port: int) -> Callable[..., Loaded]:
    host.add_secret(SECRET, PASSWORD)

    def look(deadline: float = 0, at: int = port, wanted: tuple[str, ...] = ("garrison-overview",)) -> Loaded:
        given = {"port": at, "secret": SECRET, "dashboards": wanted, "deadline": deadline}
        done = host.run("look-dashboards", json.dumps(given))
        assert done.returncode == 0, done.stderr
        assert PASSWORD not in done.stdout + host.argv
        return Loaded.model_validate_json(done.stdout)

    return look


def test_dashboards_and_sources_are_told(look: Callable[..., Loaded]) -> None:
    found = look(deadline=30)
    assert found.dashboards == ("garrison-aidb", "garrison-overview")
    assert (found.sources, found.error) == ({"Prometheus": ""}, "")


def test_a_source_that_does_not_answer_is_told_with_its_error(
    grafana: Grafana, look: Callable[..., Loaded]
) -> None:
    grafana.now[HEALTH] = (400, {"status": "ERROR", "message": "no such host"})
    assert look().sources == {"Prometheus": "no such host"}


@pytest.mark.parametrize(
    ("path", "before"),
    [("/api/search", (200, [])), (HEALTH, (400, {"status": "ERROR", "message": "no such host"}))],
)
def test_it_waits_until_all_is_well(
    path: str, before: tuple[int, Any], grafana: Grafana, look: Callable[..., Loaded]
) -> None:
    grafana.later = dict(grafana.now)
    grafana.now[path] = before
    found = look(deadline=30)
    assert ("garrison-overview" in found.dashboards, found.sources) == (True, {"Prometheus": ""})
    assert grafana.rounds == 2


def test_one_that_stays_away_is_not_waited_for_longer_than_is_said(
    grafana: Grafana, look: Callable[..., Loaded]
) -> None:
    assert "garrison-none" not in look(deadline=1.5, wanted=("garrison-none",)).dashboards
    assert grafana.rounds == 2


def test_a_password_that_grafana_does_not_take_is_told(host: Host, look: Callable[..., Loaded]) -> None:
    host.add_secret(SECRET, "another")
    assert look().error == "status 401"


def test_a_grafana_that_is_away_is_told(look: Callable[..., Loaded]) -> None:
    assert "refused" in look(at=1).error


@pytest.mark.parametrize("odd", [(200, {"a": 1}), (200, [1]), (200, None), (500, [])])
def test_what_is_no_answer_of_grafana_is_told(
    odd: tuple[int, Any], grafana: Grafana, look: Callable[..., Loaded]
) -> None:
    grafana.now["/api/datasources"] = odd
    assert look().error


def test_without_the_secret_it_says_so(host: Host) -> None:
    given = {"port": 1, "secret": "none", "dashboards": [], "deadline": 0}
    done = host.run("look-dashboards", json.dumps(given))
    assert done.returncode == 1
    assert done.stderr.startswith("podman secret inspect none failed: ")


def test_without_its_argument_it_says_what_it_wants(host: Host) -> None:
    done = host.run("look-dashboards", "{}")
    assert done.returncode == 1
    assert done.stderr.startswith('look-dashboards: say {"port": PORT, "secret": NAME')
