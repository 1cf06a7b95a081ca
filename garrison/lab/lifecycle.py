"""Up and reboot: what brings hosts from any state they were left in to running."""

import time
from collections.abc import Sequence

from garrison.lab import access, boot, cgroups, furnish, network, outer, rootfs, upstream
from garrison.lab.apt import read_mirrors
from garrison.lab.commands import check_tools
from garrison.lab.lab import Lab
from garrison.lab.locks import hold
from garrison.lab.names import check_host_name
from garrison.lab.progress import say
from garrison.lab.readiness import wait_ready
from garrison.lab.state import LabState, Role
from garrison.problem import ProblemError

_ANSWER_DEADLINE_S = 30.0
_REBOOT_DEADLINE_S = 60.0


def up(lab: Lab, hosts: Sequence[str], role: Role | None = None) -> None:
    """Bring ``hosts`` up: made where missing, booted where not running, left alone where fine.

    Raises ProblemError when a tool is missing or a host does not come up.
    """
    outer.check_root()
    check_tools()
    for host in hosts:
        check_host_name(host)
    with lab.locked():
        state = lab.begin()
        for host in hosts:
            state = state.with_host(host, role)
        lab.save(state)
        with hold(lab.places.machine_lock, "the machine's list of labs"):
            network.open_lab(lab.names, lab.places, state)
        upstream.open_upstream(lab, state)
        for host in hosts:
            _up_host(lab, state, host)


def _up_host(lab: Lab, state: LabState, host: str) -> None:
    began = time.monotonic()
    _ensure_root(lab, state, host)
    write_known_hosts(lab, state)
    address = state.ipv4(host)
    if _is_up(lab, state, host):
        say(f"{host} is up already at {address}")
        return
    boot.stop(host, lab.groups(host))
    network.connect_host(lab.names, state, host)
    say(f"{host}: booting")
    boot.start(lab.names, lab.places, host, lab.groups(host))
    _wait(lab, state, host)
    say(f"{host} is up at {address} and {state.ipv6(host)} ({time.monotonic() - began:.0f} s)")


def _is_up(lab: Lab, state: LabState, host: str) -> bool:
    """Whether a host runs and is ready soon; one that is not is to be booted again."""
    if not (lab.is_running(host) and network.is_connected(lab.names.machine(host))):
        return False
    try:
        _wait(lab, state, host, _ANSWER_DEADLINE_S)
    except ProblemError as error:
        say(f"{host}: {error.problems[0].what} Booting it again.")
        return False
    return True


def _wait(lab: Lab, state: LabState, host: str, deadline_s: float = 120.0) -> None:
    # The loop joins its group a moment after its start; until then it counts as alive.
    grace = time.monotonic() + 2.0
    wait_ready(
        lab.places,
        host,
        str(state.ipv4(host)),
        lambda: time.monotonic() < grace or lab.is_running(host),
        deadline_s,
    )


def _ensure_root(lab: Lab, state: LabState, host: str) -> None:
    """Make the host's root file system; it gets its name only when complete."""
    root = lab.places.root(host)
    if root.is_dir():
        return
    boot.stop(host, lab.groups(host))
    mirrors = read_mirrors()
    tar = rootfs.ensure_tar(lab.places, rootfs.current_recipe(), mirrors)
    say(f"{host}: unpacking its root file system")
    part = root.with_name(f"{host}.part")
    rootfs.remove_tree(part)
    rootfs.unpack(tar, part)
    furniture = furnish.Furniture(
        host=host,
        state=state,
        public_key=access.ensure_key(lab.places),
        resolv_conf=outer.read_resolv_conf(),
        mirrors=mirrors,
        certificates=tuple(outer.list_certificates()),
    )
    furnish.furnish(part, furniture)
    part.rename(root)
    introduce_hosts(lab, state)


def introduce_hosts(lab: Lab, state: LabState) -> None:
    """Tell each host of the lab the names of all."""
    for host in state.hosts:
        hosts_file = lab.places.root(host) / "etc/hosts"
        if hosts_file.is_file():
            hosts_file.write_text(furnish.render_hosts(state, host))


def write_known_hosts(lab: Lab, state: LabState) -> None:
    roots = {host: lab.places.root(host) for host in state.hosts}
    keys = {host: furnish.read_host_keys(root) for host, root in roots.items() if root.is_dir()}
    lab.places.known_hosts.write_text(access.render_known_hosts(state, keys))


def reboot(lab: Lab, host: str) -> None:
    """Reboot ``host`` and return when it is ready again.

    Raises ProblemError when there is no such host, or when it does not come back.
    """
    outer.check_root()
    state = lab.require(host)
    with lab.locked():
        began = time.monotonic()
        before = boot.request_reboot(lab.groups(host))
        if before is not None:
            say(f"{host}: rebooting")
            _await_next_init(lab, host, before)
        if before is None or not _is_up(lab, state, host):
            _up_host(lab, state, host)
        say(f"{host} is up again ({time.monotonic() - began:.0f} s)")


def _await_next_init(lab: Lab, host: str, before: int) -> None:
    """Return when another init than ``before`` runs, or when there is no use in waiting longer."""
    groups = lab.groups(host)
    deadline = time.monotonic() + _REBOOT_DEADLINE_S
    while cgroups.find_init(groups) in (before, None) and lab.is_running(host):
        if time.monotonic() > deadline:
            say(f"{host}: still shutting down after {_REBOOT_DEADLINE_S:.0f} s; pulling the plug")
            cgroups.kill_all(groups)
        time.sleep(0.1)
