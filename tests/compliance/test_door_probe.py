"""The door as a client finds it: the host asks it by itself and measures what is true, and nobody sees its metrics."""

import pytest

from garrison.plan.step import LIB
from tests.compliance.client import Door
from tests.compliance.live import LiveHost

PROBED = "/var/lib/garrison/metrics/door.prom"


def test_the_host_asks_the_door_and_it_passes(live: LiveHost) -> None:
    assert probed(live)["success"] == 1
    assert probed(live)["http_version"] == 2


def test_a_door_that_is_stopped_does_not_pass(live: LiveHost) -> None:
    """systemd holds the sockets while nginx is away, so it is the sockets that go."""
    units = "garrison-door.socket garrison-door.service"
    live.sh(f"{LIB}/as-stack systemctl --user stop {units}")
    try:
        assert probed(live)["success"] == 0
    finally:
        live.sh(f"{LIB}/as-stack systemctl --user start {units}")
        live.sh(f"{LIB}/gate nginx --deadline 60")
    assert probed(live)["success"] == 1


@pytest.mark.full  # a minute until its timer's turn
def test_the_host_asks_by_itself(live: LiveHost) -> None:
    live.sh("systemctl is-active garrison-probe.timer")
    first = probed(live)["timestamp_seconds"]
    live.sh(
        f"for _ in $(seq 90); do grep -q 'timestamp_seconds {first:.14g}' {PROBED} || break; sleep 1; done"
    )
    assert read_probe(live)["timestamp_seconds"] > first


def test_the_doors_metrics_are_nowhere_outside(door: Door) -> None:
    with door.client() as client:
        for path in ("/metrics", "/nginx/metrics"):
            assert client.get(path).status_code == 404


def probed(live: LiveHost) -> dict[str, float]:
    """What the host measures of the door when it is asked to now."""
    live.sh("systemctl start garrison-probe.service")
    return read_probe(live)


def read_probe(live: LiveHost) -> dict[str, float]:
    lines = [line.rsplit(" ", 1) for line in live.sh(f"grep -v '^#' {PROBED}").splitlines()]
    return {name.removeprefix("garrison_door_probe_"): float(value) for name, value in lines}
