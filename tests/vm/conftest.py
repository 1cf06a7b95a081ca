"""One full machine, hardened at ``strict`` by the real command line, looked at before and after a reboot.

GARRISON_KEEP_VM=1 leaves it up at the end and takes it as it is at the beginning.
"""

import os
from collections.abc import Iterator

import pytest

from garrison.lab.lab import open_checkout
from garrison.lab.vm import machine
from tests.hosts import mark_all
from tests.vm.machine import INVENTORY, ROOT, Machine, garrison

KEEP = "GARRISON_KEEP_VM" in os.environ

pytest_collection_modifyitems = mark_all(__file__, pytest.mark.live)


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
