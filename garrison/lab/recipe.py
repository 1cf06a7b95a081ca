"""What every lab host's root file system is made of, and the digest it is cached under."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

SUITE = "trixie"
VARIANT = "important"
# Podman is left out: a lab host is what a provider hands over, installing is the deploy's work.
PACKAGES = (
    "ca-certificates",
    "curl",
    "dbus",
    "dbus-user-session",
    "iproute2",
    "libpam-systemd",
    "nftables",
    "openssh-server",
    "python3",
    "sudo",
    "systemd-sysv",
)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One root file system; equal recipes give equal digests."""

    suite: str = SUITE
    variant: str = VARIANT
    packages: tuple[str, ...] = PACKAGES
    architecture: str

    @property
    def digest(self) -> str:
        """The name of the recipe's tar in the cache."""
        text = json.dumps([self.suite, self.variant, sorted(self.packages), self.architecture])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def build_argv(recipe: Recipe, target: Path, mirror: str, apt_options: tuple[str, ...]) -> list[str]:
    """Return the command that makes the root file system of ``recipe`` into the tar ``target``.

    It ends with us, its children too: a next run would have to wait for orphans whose tar nobody wants.
    """
    return [
        *("setpriv", "--pdeathsig", "KILL"),
        *("unshare", "--pid", "--fork", "--kill-child", "--mount-proc"),
        "mmdebstrap",
        "--quiet",
        f"--variant={recipe.variant}",
        f"--architectures={recipe.architecture}",
        f"--include={','.join(recipe.packages)}",
        *(f"--aptopt={option}" for option in apt_options),
        recipe.suite,
        str(target),
        mirror,
    ]
