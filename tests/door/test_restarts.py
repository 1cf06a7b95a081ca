"""The door comes and goes under load, and no request is lost: systemd keeps the sockets meanwhile."""

import time
from pathlib import Path

import pytest

from tests.compliance.live import LIB, LiveHost
from tests.door.conftest import Ask, Prober, end
from tests.faults.machine import ROOT, Machine
from tests.faults.runs import Workplace

RESTARTS = 3
RESTART = f"{LIB}/as-stack systemctl --user restart garrison-door.service"
KEPT = pytest.mark.parametrize("kept", [False, True], ids=["a connection each", "connections kept"])


@KEPT
def test_no_request_is_lost_while_the_door_is_restarted(
    live: LiveHost, prober: Prober, ask: Ask, kept: bool
) -> None:
    load = prober.start("load", ask(seconds=60, workers=8, kept=kept))
    time.sleep(2)
    for _ in range(RESTARTS):
        live.sh(RESTART)
        time.sleep(2)
    found = end(load)
    assert set(found["answers"]) == {"200"}, found


def test_a_door_that_is_killed_loses_requests_and_the_load_sees_it(
    live: LiveHost, prober: Prober, ask: Ask
) -> None:
    """What the load counts is worth something: without a graceful end there are failures."""
    load = prober.start("load", ask(seconds=30, workers=8, pause=0))
    time.sleep(2)
    for _ in range(5):
        live.podman("kill", "--signal", "KILL", "garrison-nginx")
        time.sleep(4)
    # Without a pause there are more requests than one client may make, which is no loss.
    assert set(end(load)["answers"]) - {"200", "429"}


def test_no_request_is_lost_while_the_door_is_upgraded(
    live: LiveHost, prober: Prober, ask: Ask, tmp_path: Path
) -> None:
    """A release with another configuration, deployed by the usual command, and back again."""
    place, machine = Workplace(tmp_path), Machine(live.name)
    same = {key: value for key, value in live.data.items() if key not in machine.data and key[0] != "_"}
    same["ca_dir"] = str(ROOT / live.settings.ca_dir)
    load = prober.start("load", ask(seconds=150, workers=4, kept=True))
    changed = place.deploy(place.inventory(machine, **same, door_limits={"concurrent": 90}))
    assert changed.code == 0, changed.said
    assert "start nginx, the door" in changed.said
    found = end(load)
    back = place.deploy(place.inventory(machine, **same))
    assert back.code == 0, back.said
    assert set(found["answers"]) == {"200"}, found
