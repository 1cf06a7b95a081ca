"""The full machine as the tests of controls reach a host of the lab."""

import shlex
from functools import cached_property
from typing import Any

from garrison.lab.lab import open_checkout
from garrison.lab.vm import argv
from garrison.lab.vm.disk import NAME
from garrison.lab.vm.inventory import describe_machine
from garrison.lab.vm.places import VmPlaces
from tests.faults import machine as faults

ROOT = faults.ROOT


class VmHost(faults.Machine):
    """It has one address with all its ports, and its own way in."""

    def __init__(self) -> None:
        super().__init__(NAME)

    @cached_property
    def data(self) -> dict[str, Any]:
        """What an inventory says about it."""
        ((_, data),) = describe_machine(open_checkout(ROOT))
        return data

    @property
    def address(self) -> str:
        return argv.LOOPBACK

    def argv(self, *words: str) -> list[str]:
        """The command that runs ``words`` there as root."""
        places = VmPlaces(lab=open_checkout(ROOT).places)
        command = shlex.join(["sudo", "-n", *words])
        port = int(self.data["ssh_port"])
        return argv.ssh_argv(places.ssh_key, places.known_hosts, port, [command])
