"""What the full machine and the emulator are made of, and the digests they are cached under."""

import hashlib
import json
from typing import Final

from garrison.lab.recipe import PACKAGES, SUITE, Recipe

KERNEL: Final = "linux-image-cloud-amd64"
# Debian 12's QEMU 7.2 lets the guest panic; Debian 13's works, so it is brought along in a tree of its own.
QEMU_PACKAGES: Final = ("qemu-system-x86", "qemu-utils", "seabios", "ipxe-qemu")
MEMORY_MIB: Final = 2560  # a deploy asks for 2 GiB that the kernel leaves
DISK: Final = "12G"


def machine_recipe() -> Recipe:
    """Return the recipe of the machine's root file system: a lab host's with a kernel."""
    return Recipe(packages=(*PACKAGES, KERNEL), architecture="amd64")


def emulator_digest() -> str:
    """Return the name of QEMU's tree in the cache."""
    text = json.dumps([SUITE, sorted(QEMU_PACKAGES)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
