"""The lab's bridge, namespaces, firewall table and forwarding, made and removed."""

from pathlib import Path

from garrison.lab import links
from garrison.lab.commands import run
from garrison.lab.names import LabNames
from garrison.lab.outer import find_uplink
from garrison.lab.places import Places
from garrison.lab.ruleset import render_ruleset
from garrison.lab.state import LabState
from garrison.problem import ProblemError

NETNS_DIR = Path("/run/netns")
_INTERFACES = Path("/sys/class/net")
_FORWARD = Path("/proc/sys/net/ipv4/ip_forward")


def open_lab(names: LabNames, places: Places, state: LabState) -> None:
    """Make the lab's bridge, its rules and its way out, as far as they are missing."""
    uplink = find_uplink()
    if not _has_gateway(names, state):
        _delete_link(names.bridge)
        batch = links.bridge_batch(names.bridge, uplink.mtu, state.subnet, state.prefix6)
        plugs = [f"link set {veth} master {names.bridge}\n" for veth in _list_cables(names)]
        run(["ip", "-batch", "-"], stdin=batch + "".join(plugs))
    run(["nft", "-f", "-"], stdin=render_ruleset(names.table, names.bridge, state.subnet, uplink.name))
    if _FORWARD.read_text().strip() == "0":
        places.forward_marker.touch()
        _FORWARD.write_text("1")


def _has_gateway(names: LabNames, state: LabState) -> bool:
    if not (_INTERFACES / names.bridge).exists():
        return False
    shown = run(["ip", "addr", "show", "dev", names.bridge, "up"])
    return f" {state.subnet[1]}/" in shown and f" {state.prefix6[1]}/" in shown


def connect_host(names: LabNames, state: LabState, host: str) -> None:
    """Make the host's namespace and cable anew; nothing may be running in the old one."""
    machine, veth = names.machine(host), names.veth(state.hosts[host].index)
    # The cable first: with the namespace it would go too, but at some later moment.
    _delete_link(veth)
    disconnect_machine(machine)
    mac = names.mac(state.hosts[host].index)
    cable = links.cable_batch(bridge=names.bridge, veth=veth, machine=machine, mac=mac, mtu=find_uplink().mtu)
    run(["ip", "-batch", "-"], stdin=cable)
    addresses = links.address_batch(state.subnet, state.prefix6, state.ipv4(host), state.ipv6(host))
    run(["ip", "-n", machine, "-batch", "-"], stdin=addresses)


def is_connected(machine: str) -> bool:
    """Whether the machine's namespace has its name still; without it a reboot would find no network."""
    return (NETNS_DIR / machine).exists()


def disconnect_machine(machine: str) -> None:
    """Remove a namespace, and with it the cable that ends in it."""
    if is_connected(machine):
        run(["ip", "netns", "delete", machine])


def close_lab(names: LabNames) -> None:
    """Remove every part of the lab's network, whatever state says."""
    for veth in _list_cables(names):
        _delete_link(veth)
    for machine in list_machines(names):
        disconnect_machine(machine)
    _delete_link(names.bridge)
    run(["nft", "-f", "-"], stdin=f"table inet {names.table} {{}}\ndelete table inet {names.table}\n")


def stop_forwarding(places: Places) -> None:
    """Switch IPv4 forwarding off again if a lab switched it on and nobody's namespace needs it."""
    if places.forward_marker.exists() and not any(NETNS_DIR.glob("*")):
        _FORWARD.write_text("0")
        places.forward_marker.unlink()


def list_machines(names: LabNames) -> list[str]:
    """Return the lab's namespaces that exist."""
    return sorted(path.name for path in NETNS_DIR.glob(f"{names.machine_prefix}*"))


def _list_cables(names: LabNames) -> list[str]:
    return sorted(path.name for path in _INTERFACES.glob(f"gv{names.lab_id}*"))


def _delete_link(name: str) -> None:
    """Remove a link; one whose namespace is just being taken apart goes away by itself."""
    if not (_INTERFACES / name).exists():
        return
    try:
        run(["ip", "link", "delete", name])
    except ProblemError:
        if (_INTERFACES / name).exists():
            raise
