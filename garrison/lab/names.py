"""What a lab's parts are called on the outer machine, all derived from the checkout's path."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from garrison.problem import Problem, ProblemError

PREFIX = "garrison-"
DOMAIN = "garrison.test"
_HOST_NAME = re.compile(r"[a-z]([a-z0-9-]{0,28}[a-z0-9])?")


@dataclass(frozen=True, kw_only=True)
class LabNames:
    """The names of one lab; two checkouts never share one."""

    lab_id: str

    @property
    def bridge(self) -> str:
        """The bridge all hosts of the lab hang on (the kernel allows 15 characters)."""
        return f"gl{self.lab_id}"

    @property
    def table(self) -> str:
        """The nftables table that lets the lab out."""
        return f"garrison_{self.lab_id}"

    @property
    def machine_prefix(self) -> str:
        """What the name of each of the lab's machines begins with."""
        return f"{PREFIX}{self.lab_id}-"

    @property
    def upstream(self) -> str:
        """The control group of the lab's server of packs; the dot keeps it apart from those of the machines."""
        return f"{PREFIX}{self.lab_id}.upstream"

    def machine(self, host: str) -> str:
        """Return the name of a host's network namespace, cgroups and nspawn machine."""
        return f"{self.machine_prefix}{host}"

    def veth(self, index: int) -> str:
        """Return the name of the outer end of a host's cable."""
        return f"gv{self.lab_id}{index}"

    def mac(self, index: int) -> str:
        """Return the (locally administered) hardware address of a host."""
        octets = bytes.fromhex(self.lab_id) + bytes([index])
        return "02:" + octets.hex(":")


def derive_names(checkout: Path) -> LabNames:
    """Return the names for the lab of ``checkout`` (an existing, resolved path)."""
    return LabNames(lab_id=hashlib.sha256(str(checkout).encode()).hexdigest()[:8])


def check_host_name(name: str) -> str:
    """Return ``name`` if a lab host may be called so, else raise ProblemError."""
    if _HOST_NAME.fullmatch(name):
        return name
    raise ProblemError(
        [
            Problem(
                where=f"lab host {name!r}",
                id="lab-host-name",
                what="is not a name for a lab host.",
                remedy="Use up to 30 lower-case letters, digits and dashes, beginning with a letter.",
            )
        ]
    )
