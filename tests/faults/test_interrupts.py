"""A run that ends anywhere is healed by the next one, which is then followed by one that changes nothing."""

import signal
import time
from uuid import uuid4

import pytest

from tests.faults.conftest import Second
from tests.faults.machine import HOME
from tests.faults.runs import Workplace, write_service

pytestmark = pytest.mark.usefixtures("healed")


def serves(second: Second) -> bool:
    return second.machine.podman("healthcheck", "run", "garrison-nginx") == ""


STOPS = {signal.SIGINT: (130, "interrupted"), signal.SIGTERM: (143, "terminated")}
SLOW = {
    "name": "slow",
    "title": "A service that takes its time to build",
    "image": {"build": "."},
    "user": 10960,
    "health": {"exec": ["/bin/true"]},
    "limits": {"memory": "32M", "cpus": 0.5, "pids": 16},
}


@pytest.mark.parametrize("number", STOPS)
def test_a_run_that_is_stopped_ends_at_once_and_says_so(
    second: Second, workplace: Workplace, number: signal.Signals
) -> None:
    folder = write_service(workplace.folder, SLOW, f"RUN sleep 60 # {uuid4()}")
    with workplace.deploying(
        workplace.inventory(second.machine, **second.changes, services_dirs=[folder])
    ) as process:
        workplace.wait_for_step(process, "build the image of slow")
        time.sleep(2)
        process.send_signal(number)
        began = time.monotonic()
        run = workplace.end(process)
        took = time.monotonic() - began
    second.machine.sh("pkill -f '[/]garrison/build-image' || true")  # it would go on, and fill the cache
    code, word = STOPS[number]
    assert run.code == code
    assert took < 10
    assert f"{word}; what runs on the host may still finish there. Run again: it continues." in run.err
    assert workplace.events()[-1]["event"] == "run_stopped"


@pytest.mark.parametrize("delay", [0.0, 0.3, 1.0, 2.5])
def test_a_run_that_is_killed_while_a_service_is_replaced(
    second: Second, workplace: Workplace, delay: float
) -> None:
    """The healing run begins at once, while the host may still be at what the killed one asked for."""
    second.machine.podman("rm", "--force", "--time", "5", "garrison-postgres", "garrison-redis")
    with workplace.deploying(workplace.inventory(second.machine, **second.changes)) as process:
        workplace.wait_for_step(process, "start redis")
        time.sleep(delay)
        process.kill()
        assert process.wait() == -signal.SIGKILL


@pytest.mark.parametrize("loss", ["nothing", "half of it", "a changed file"])
def test_a_run_that_is_killed_while_a_release_is_laid_down(
    second: Second, workplace: Workplace, loss: str
) -> None:
    """Another name makes another release; whatever of it has arrived, the current one stays and serves."""
    before = second.machine.current
    names = [*second.machine.data["server_names"], f"{loss.replace(' ', '-')}.test"]
    inventory = workplace.inventory(second.machine, **second.changes, server_names=names)
    with workplace.deploying(inventory) as process:
        workplace.wait_for_step(process, "lay down release")
        process.kill()
        process.wait()
    assert second.machine.current == before
    newest = f"$(ls -1dt {HOME}/releases/* | head -1)"
    if loss == "half of it":
        second.machine.sh(f"cd {newest} && find . -type f | sort | awk 'NR % 2' | xargs rm -f")
    if loss == "a changed file":
        second.machine.sh(f"cd {newest} && echo >> $(find . -type f | head -1)")
    assert serves(second)
    run = workplace.deploy(inventory)
    assert run.code == 0, run.said
    assert second.machine.current != before
    assert "unchanged" in workplace.deploy(inventory).err
