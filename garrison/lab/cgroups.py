"""One control group a host: it keeps hosts apart, and says for certain which processes are a host's."""

import errno
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from garrison.lab.commands import run
from garrison.problem import Problem, ProblemError

_NAMED = Path("/sys/fs/cgroup/systemd")
_OWN_MOUNT = Path("/run/garrison-labs/cgroup2")
_KILL_DEADLINE_S = 20.0
_BUSY_DEADLINE_S = 5.0


@dataclass(frozen=True, kw_only=True)
class Hierarchies:
    """Where the machine's process trees are mounted; pure cgroup v2 has no named one."""

    unified: Path
    named: Path | None

    @property
    def roots(self) -> list[Path]:
        """The mount points there are."""
        return [self.unified] if self.named is None else [self.unified, self.named]


@dataclass(frozen=True, kw_only=True)
class HostGroups:
    """A host's group in each hierarchy: ``loop`` holds the boot loop, ``machine`` the machine."""

    unified: Path
    named: Path | None

    @property
    def tops(self) -> list[Path]:
        """The host's topmost group in each hierarchy."""
        return [self.unified] if self.named is None else [self.unified, self.named]


def parse_hierarchies(mountinfo: str) -> tuple[Path | None, Path | None]:
    """Return the mount points of cgroup v2 and of v1's ``name=systemd``, as /proc/self/mountinfo has them."""
    unified = named = None
    for line in mountinfo.splitlines():
        left, _, right = line.partition(" - ")
        mount_point, (kind, _source, options) = Path(left.split()[4]), right.split(maxsplit=2)
        if kind == "cgroup2" and unified is None:
            unified = mount_point
        if kind == "cgroup" and mount_point == _NAMED and "name=systemd" in options:
            named = mount_point
    return unified, named


def find_hierarchies() -> Hierarchies:
    """Return where the hierarchies are mounted, mounting a cgroup v2 of our own where there is none."""
    unified, named = parse_hierarchies(Path("/proc/self/mountinfo").read_text())
    if unified is None:
        _OWN_MOUNT.mkdir(parents=True, exist_ok=True)
        run(["mount", "-t", "cgroup2", "garrison-labs", str(_OWN_MOUNT)])
        unified = _OWN_MOUNT
    return Hierarchies(unified=unified, named=named)


def release_own_mount() -> None:
    """Unmount the cgroup v2 of our own if it exists and holds no lab any more."""
    if _OWN_MOUNT.is_mount() and not any(_OWN_MOUNT.glob("garrison-*")):
        run(["umount", str(_OWN_MOUNT)])
        _OWN_MOUNT.rmdir()
        _OWN_MOUNT.parent.rmdir()


def groups_of(hierarchies: Hierarchies, machine: str) -> HostGroups:
    """Return the groups of a machine, whether they exist or not."""
    named = None if hierarchies.named is None else hierarchies.named / machine
    return HostGroups(unified=hierarchies.unified / machine, named=named)


def list_groups(hierarchies: Hierarchies, machine_prefix: str) -> list[str]:
    """Return the names of all machines that have a group."""
    found = {path.name for root in hierarchies.roots for path in root.glob(f"{machine_prefix}*")}
    return sorted(found)


def make_groups(groups: HostGroups) -> None:
    """Make the groups, and hand each available controller down to the machine."""
    for top in groups.tops:
        (top / "loop").mkdir(parents=True, exist_ok=True)
        (top / "machine").mkdir(exist_ok=True)
    controllers = (groups.unified / "cgroup.controllers").read_text().split()
    if controllers:
        (groups.unified / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in controllers))


def list_processes(tops: list[Path]) -> set[int]:
    """Return every process in these groups and below."""
    found: set[int] = set()
    for top in tops:
        for directory, _names, _files in os.walk(top):
            found |= _read_processes(Path(directory))
    return found


def _read_processes(group: Path) -> set[int]:
    try:
        return {int(word) for word in (group / "cgroup.procs").read_text().split()} - {0}
    except OSError:  # the group went away between listing and reading, and its processes with it
        return set()


def is_loop_running(groups: HostGroups) -> bool:
    """Whether the boot loop, which starts the machine again after a reboot, is alive."""
    return bool(_read_processes(groups.unified / "loop"))


def find_init(groups: HostGroups) -> int | None:
    """Return the process that is 1 in the machine's own process namespace, if the machine runs."""
    for process in sorted(list_processes([groups.unified / "machine"])):
        try:
            status = Path(f"/proc/{process}/status").read_text()
        except OSError:  # it ended meanwhile
            continue
        if is_machine_init(status):
            return process
    return None


def is_machine_init(status: str) -> bool:
    """Whether a /proc/PID/status is of process 1 one namespace down; containers lie deeper."""
    ids = next((line.split()[1:] for line in status.splitlines() if line.startswith("NSpid:")), [])
    return len(ids) == 2 and ids[1] == "1"


def kill_all(groups: HostGroups) -> None:
    """Kill every process in the groups; raises ProblemError when one stays."""
    deadline = time.monotonic() + _KILL_DEADLINE_S
    while processes := list_processes(groups.tops):
        for process in processes:
            _kill(process)
        if time.monotonic() > deadline:
            problem = Problem(
                where=str(groups.unified),
                id="lab-process-stays",
                what=f"still holds processes {sorted(processes)} after SIGKILL.",
                remedy="Look at /proc/PID/stack of each; a hung mount or device keeps it. Then run it again.",
            )
            raise ProblemError([problem])
        time.sleep(0.05)


def _kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return


def remove_groups(groups: HostGroups) -> None:
    """Remove the groups, the deepest first; their processes must be gone."""
    for top in groups.tops:
        for directory, _names, _files in os.walk(top, topdown=False):
            _remove_group(Path(directory))


def _remove_group(group: Path) -> None:
    """Remove one group; it stays busy for a moment after its last process has ended."""
    deadline = time.monotonic() + _BUSY_DEADLINE_S
    while True:
        try:
            group.rmdir()
        except FileNotFoundError:
            return
        except OSError as error:
            if error.errno != errno.EBUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
