"""A host of which nothing is known but what a test says of it."""

from typing import Any

from garrison.snapshot.host_model import HostFacts

Document = dict[str, Any]
NOTHING: Document = {
    "sshd": {},
    "sysctl": {},
    "mounts": [],
    "modules": {},
    "login_defs": {},
    "files": {},
    "packages": [],
    "units": {},
    "config": {},
    "texts": {},
    "apt": {},
    "audit": None,
    "sudo": [],
    "accounts": [],
    "groups": [],
    "firewall": None,
    "kernel": {
        "container": "none",
        "release": "6.12.0-amd64",
        "apparmor": True,
        "audit": True,
        "boot_loader": True,
        "synchronized": True,
    },
}


def host_facts(**said: Any) -> HostFacts:
    """The facts of that host."""
    return HostFacts.model_validate(NOTHING | said)
