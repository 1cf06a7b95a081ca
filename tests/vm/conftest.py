"""One full machine, hardened at ``strict`` by the real command line, looked at before and after a reboot.

GARRISON_KEEP_VM=1 leaves it up at the end and takes it as it is at the beginning.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from garrison.lab.lab import open_checkout
from garrison.lab.vm import machine
from tests.vm.machine import INVENTORY, ROOT, Machine, garrison

HERE = Path(__file__).parent
KEEP = "GARRISON_KEEP_VM" in os.environ


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.live)


@pytest.fixture(scope="session")
def deployed() -> Iterator[Machine]:
    """The machine after the host phase of a deploy."""
    lab = open_checkout(ROOT)
    try:
        if not KEEP:
            machine.down(lab)
        found = Machine(lab=lab, state=machine.up(lab))
        done = garrison("deploy", INVENTORY, "--phases", "host")
        assert done.returncode == 0, done.stdout + done.stderr
        yield found
    finally:
        if not KEEP:
            machine.down(lab)


@pytest.fixture(scope="session", params=["as deployed", "after a reboot"])
def vm(deployed: Machine, request: pytest.FixtureRequest) -> Machine:
    """The machine as the deploy leaves it, and once more after a reboot: what is set live may not last."""
    if request.param == "after a reboot":
        deployed.reboot()
    return deployed
