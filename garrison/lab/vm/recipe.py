"""What the full machine and the emulator are made of, and the digests they are cached under."""

import hashlib
import json
from typing import Final

from garrison.controls.conditions import Package
from garrison.controls.load import load_controls
from garrison.hardening.packages import TIME_DAEMON
from garrison.lab.recipe import PACKAGES, SUITE, Recipe
from garrison.plan import question

KERNEL: Final = "linux-image-cloud-amd64"
# Debian 12's QEMU 7.2 lets the guest panic; Debian 13's works, so it is brought along in a tree of its own.
QEMU_PACKAGES: Final = ("qemu-system-x86", "qemu-utils", "seabios", "ipxe-qemu")
MEMORY_MIB: Final = 2560  # a deploy asks for 2 GiB that the kernel leaves
DISK: Final = "12G"
# Only what this one machine starts from: to unpack the drivers of all machines took it longer than all the rest.
INITIAL_RAM_DISK: Final = {
    "etc/initramfs-tools/conf.d/lab": "MODULES=list\n",
    "etc/initramfs-tools/modules": "virtio_pci\nvirtio_blk\next4\n",
}


def machine_recipe() -> Recipe:
    """Return the recipe of the machine's root file system: a lab host's with a kernel, and what a deploy installs.

    To install that many packages on a translated processor would take an hour and prove what lab hosts prove.
    """
    packages = {*PACKAGES, *deployed_packages(), "initramfs-tools", KERNEL}
    return Recipe(packages=tuple(sorted(packages)), architecture="amd64")


def deployed_packages() -> frozenset[str]:
    """Return what phase 1.1 installs on a bare host at ``strict``."""
    conditions = (each for control in load_controls().by_id.values() for each in control.holds)
    asked = {each.name for each in conditions if isinstance(each, Package) and each.present}
    return frozenset({*question.PACKAGES, *asked, TIME_DAEMON})


def emulator_digest() -> str:
    """Return the name of QEMU's tree in the cache."""
    text = json.dumps([SUITE, sorted(QEMU_PACKAGES)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
