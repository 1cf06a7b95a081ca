"""What the inventory needs to know of the full machine."""

from typing import Any

from garrison.lab import outer
from garrison.lab.furnish import SSH_USER
from garrison.lab.lab import Lab
from garrison.lab.state import full_name
from garrison.lab.vm.argv import LOOPBACK
from garrison.lab.vm.disk import NAME
from garrison.lab.vm.places import VmPlaces
from garrison.lab.vm.state import load_state


def describe_machine(lab: Lab) -> list[tuple[str, dict[str, Any]]]:
    """Return the machine's name and data for pyinfra; empty where none is up."""
    places = VmPlaces(lab=lab.places)
    state = load_state(places.state_file)
    if state is None:
        return []
    data: dict[str, Any] = {
        "ssh_hostname": LOOPBACK,
        "ssh_port": state.ssh_port,
        "ssh_user": SSH_USER,
        "ssh_key": str(places.ssh_key),
        "ssh_known_hosts_file": str(places.known_hosts),
        "ssh_strict_host_key_checking": "yes",
        # Every instruction is translated: what takes a second elsewhere may take a minute here.
        "ssh_paramiko_connect_kwargs": {"timeout": 120, "banner_timeout": 120, "auth_timeout": 120},
        "ssh_connect_retries": 3,
        "_sudo": True,
        "server_names": [full_name(NAME)],
        "extra_ca_certificates": [str(path) for path in outer.list_certificates()],
        # The strictest that an inventory can ask for.
        "hardening": "strict",
        "egress": {"to": [{"net": "192.0.2.0/24", "tcp": [443]}]},
    }
    return [(NAME, data)]
