"""Whoever watches is killed: nothing else notices, and it comes back. Prometheus is killed in test_metrics.py."""

import pytest

from garrison.catalog.loader import load_catalog
from garrison.catalog.model import Service
from garrison.dashboards.kit import on_the_kit
from garrison.plan.step import LIB
from garrison.plan.wanted import Wanted
from tests.compliance.client import Door, probe_of
from tests.compliance.live import ROOT, LiveHost, need_observability
from tests.compliance.test_restarts import asked_meanwhile

CLIENT = "killed-test"
WATCHING = [
    name
    for name, one in load_catalog([ROOT / "services"]).services.items()
    if "observability" in one.profiles and not one.scrapes
]


def processes(live: LiveHost) -> dict[str, str]:
    """The main process of each container, by the container's name."""
    lines = live.podman("ps", "--format", "{{.Names}} {{.Pid}}").splitlines()
    return dict(line.split() for line in lines)


def asks(service: Service) -> str:
    assert service.route
    return f"{service.route.path}{probe_of(service)['asks']}"


@pytest.mark.parametrize("service", WATCHING)
def test_nobody_notices_that_a_watcher_is_killed_and_it_comes_back_by_itself(
    live: LiveHost, door: Door, wanted: Wanted, service: str
) -> None:
    need_observability(live)
    own, before = f"garrison-{service}", processes(live)
    paths = [asks(one) for one in on_the_kit(wanted.catalog)]
    with live.key_of(CLIENT) as key, asked_meanwhile(door) as found, door.client() as client:
        client.headers["X-API-Key"] = key
        live.sh(f"kill -KILL {before[own]}")
        answers = {path: client.get(path).status_code for path in paths}
        live.sh(f"{LIB}/gate {service} --deadline 120")
    after = processes(live)
    assert answers == dict.fromkeys(paths, 200)
    assert set(found) == {"200"}
    assert after[own] != before[own]
    assert {name for name, pid in before.items() if after.get(name) != pid} == {own}
