"""Where the lab keeps its things: the checkout's own state and the cache all checkouts share."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Places:
    """Every path the lab uses on the outer machine."""

    checkout: Path
    cache: Path
    lab_id: str

    @property
    def state_dir(self) -> Path:
        """The git-ignored folder in the checkout that holds state, keys and logs."""
        return self.checkout / ".garrison" / "lab"

    @property
    def state_file(self) -> Path:
        """What hosts this lab has, with their addresses."""
        return self.state_dir / "state.json"

    @property
    def lock_file(self) -> Path:
        """Held by each command that changes this lab."""
        return self.state_dir / "lock"

    @property
    def ssh_key(self) -> Path:
        """The key that opens every host of this lab."""
        return self.state_dir / "id_ed25519"

    @property
    def known_hosts(self) -> Path:
        """The host keys, known before the first connection because we made them."""
        return self.state_dir / "known_hosts"

    @property
    def packs_file(self) -> Path:
        """The list of documentation packs, as the setting documentation_packs takes it."""
        return self.state_dir / "packs.yaml"

    def console(self, host: str) -> Path:
        """Return the file the host's console is written to."""
        return self.state_dir / f"{host}.console.log"

    @property
    def labs(self) -> Path:
        """The folder with one folder a lab of this machine."""
        return self.cache / "labs"

    @property
    def lab_root(self) -> Path:
        """The folder of this lab's root file systems."""
        return self.labs / self.lab_id

    def root(self, host: str) -> Path:
        """Return the host's root file system."""
        return self.lab_root / host

    @property
    def machine_lock(self) -> Path:
        """Held while a lab chooses what must be unique on the machine."""
        return self.cache / "labs.lock"

    @property
    def forward_marker(self) -> Path:
        """Exists while it was a lab that switched IPv4 forwarding on."""
        return self.cache / "labs.forwarding"

    @property
    def rootfs(self) -> Path:
        """The folder of the cached root file system tars."""
        return self.cache / "rootfs"

    @property
    def packs(self) -> Path:
        """The folder of the documentation packs made for labs."""
        return self.cache / "packs"

    @property
    def images(self) -> Path:
        """Container images kept across lab hosts; each host sees it at IMAGES_IN_HOST."""
        return self.cache / "images"


IMAGES_IN_HOST = "/var/cache/garrison/images"


def find_checkout() -> Path:
    """Return the checkout this very code lies in."""
    return Path(__file__).resolve().parents[2]


def find_cache() -> Path:
    """Return Garrison's cache directory of the user who runs this."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "garrison"
