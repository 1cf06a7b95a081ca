"""Down: removes hosts and labs with everything they left on the machine."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from garrison.lab import boot, cgroups, network, outer, rootfs, upstream
from garrison.lab.lab import Lab
from garrison.lab.lifecycle import introduce_hosts, write_known_hosts
from garrison.lab.locks import hold
from garrison.lab.names import LabNames
from garrison.lab.progress import say
from garrison.lab.state import LabState
from garrison.problem import ProblemError

_NSPAWN_LEFTOVERS = (Path("/run/systemd/nspawn/propagate"), Path("/run/systemd/nspawn/unix-export"))


def down(lab: Lab, hosts: Sequence[str] = ()) -> None:
    """Remove ``hosts``, by default the whole lab; what is gone already is fine.

    Raises ProblemError when something can't be removed, with the command that failed.
    """
    outer.check_root()
    with lab.locked():
        state = _recorded(lab)
        for host in hosts or _traces(lab, state):
            _remove_host(lab, host)
            state = state.without_host(host) if state is not None else None
        if state is not None and state.hosts:
            lab.save(state)
            write_known_hosts(lab, state)
            introduce_hosts(lab, state)
        elif not _traces(lab, None):
            _remove_lab(lab)


def down_vanished(lab: Lab) -> None:
    """Remove every lab of this machine whose checkout is gone, so that no `make down` is left to do it."""
    outer.check_root()
    for record in sorted(lab.places.labs.glob("*/checkout.txt")):
        checkout = Path(record.read_text().strip())
        if checkout.exists():
            continue
        say(f"{checkout} is gone; removing its lab")
        lab_id = record.parent.name
        places = replace(lab.places, checkout=checkout, lab_id=lab_id)
        vanished = Lab(names=LabNames(lab_id=lab_id), places=places)
        for host in _traces(vanished, None):
            _remove_host(vanished, host)
        _remove_lab(vanished)


def _recorded(lab: Lab) -> LabState | None:
    try:
        return lab.recorded()
    except ProblemError as error:
        say(str(error))
        return None


def _traces(lab: Lab, state: LabState | None) -> list[str]:
    """Return every host there is any trace of: recorded, or left behind by a killed run."""
    prefix = lab.names.machine_prefix
    machines = [*network.list_machines(lab.names), *cgroups.list_groups(cgroups.find_hierarchies(), prefix)]
    found = {machine.removeprefix(prefix) for machine in machines}
    found |= set(state.hosts) if state is not None else set()
    if lab.places.lab_root.is_dir():
        found |= {path.name.removesuffix(".part") for path in lab.places.lab_root.iterdir() if path.is_dir()}
    return sorted(found)


def _remove_host(lab: Lab, host: str) -> None:
    groups = lab.groups(host)
    boot.stop(host, groups)
    cgroups.remove_groups(groups)
    machine = lab.names.machine(host)
    network.disconnect_machine(machine)
    root = lab.places.root(host)
    if root.is_dir():
        _nspawn_lock(root).unlink(missing_ok=True)
    trees = [root, root.with_name(f"{host}.part"), *(left / machine for left in _NSPAWN_LEFTOVERS)]
    for tree in trees:
        rootfs.remove_tree(tree)
    root.with_name(f".#{host}.lck").unlink(missing_ok=True)
    lab.places.console(host).unlink(missing_ok=True)
    say(f"{host} is removed")


def _nspawn_lock(root: Path) -> Path:
    """Return the lock systemd-nspawn names after a root's inode; killed, it leaves the file behind."""
    status = root.stat()
    return Path(f"/run/systemd/nspawn/locks/inode-{status.st_dev}:{status.st_ino}")


def _remove_lab(lab: Lab) -> None:
    upstream.close_upstream(lab)
    network.close_lab(lab.names)
    rootfs.remove_tree(lab.places.lab_root)
    rootfs.remove_tree(lab.places.state_dir)
    with hold(lab.places.machine_lock, "the machine's list of labs"):
        network.stop_forwarding(lab.places)
        cgroups.release_own_mount()
    say("the lab is down")
