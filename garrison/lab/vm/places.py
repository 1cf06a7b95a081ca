"""Where the full machine's parts lie: QEMU's tree and the disk in the cache, the state in the checkout."""

from dataclasses import dataclass
from pathlib import Path

from garrison.lab.places import Places
from garrison.lab.vm.recipe import emulator_digest


@dataclass(frozen=True, kw_only=True)
class VmPlaces:
    """Every path the machine uses on the outer machine."""

    lab: Places

    @property
    def cache(self) -> Path:
        """The folder of all emulators' trees."""
        return self.lab.cache / "vm"

    @property
    def tree(self) -> Path:
        """The root file system QEMU runs in (by chroot, so that its libraries are its own)."""
        return self.cache / emulator_digest()

    @property
    def inside(self) -> Path:
        """The machine's folder as QEMU sees it, below its tree."""
        return Path("/vm") / self.lab.lab_id

    @property
    def folder(self) -> Path:
        """The machine's folder: its disk, kernel, initial RAM disk and console."""
        return self.tree / self.inside.relative_to("/")

    @property
    def console(self) -> Path:
        """What the machine prints on its serial line."""
        return self.folder / "console.log"

    @property
    def state_dir(self) -> Path:
        """The git-ignored folder in the checkout."""
        return self.lab.checkout / ".garrison" / "vm"

    @property
    def state_file(self) -> Path:
        """How to reach the machine, and the emulator's process id."""
        return self.state_dir / "state.json"

    @property
    def ssh_key(self) -> Path:
        """Its own copy of the key that opens the lab's hosts: the lab's goes with the last of them."""
        return self.state_dir / "id_ed25519"

    @property
    def known_hosts(self) -> Path:
        """The host keys, known before the first connection because we made them."""
        return self.state_dir / "known_hosts"
