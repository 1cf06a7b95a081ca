"""One walk over all local file systems for what only a walk finds, and what apt would upgrade."""

import os
import re
import stat
from collections.abc import Callable, Iterator

from garrison.snapshot.parts.base import Later, Record, read, run
from garrison.snapshot.parts.files import group_name, user_name
from garrison.snapshot.parts.kernel import mounts

DISKS = frozenset({"btrfs", "ext2", "ext3", "ext4", "f2fs", "jfs", "overlay", "xfs", "zfs"})
TEMPORARY = frozenset({"/dev/shm", "/tmp", "/var/tmp"})  # noqa: S108 - looked at, not written to
# The kernel's and systemd's own: nobody's files to mend.
PASSED_OVER = ("/dev", "/proc", "/run", "/sys")
STORAGE = ("/var/lib/containers/storage", ".local/share/containers/storage")
LISTS = ("world_writable", "not_sticky", "unowned", "setuid", "setgid")
_TELLING = stat.S_IWOTH | stat.S_ISUID | stat.S_ISGID


def walks(homes: list[str]) -> Record:
    found = mounts()
    passed = {STORAGE[0], *(f"{home}/{STORAGE[1]}" for home in homes)}
    places = [mount["path"] for mount in found if is_place(mount["path"], mount["fstype"], passed)]
    later = Later(upgrades)
    owners = Owners("/etc/subuid", user_name), Owners("/etc/subgid", group_name)
    return walk(places, passed | {mount["path"] for mount in found}, *owners) | {"upgrades": later.result()}


def is_place(path: str, fstype: str, passed: set[str]) -> bool:
    """Whether a mount is to be walked: a disk's file system, or one that everybody may write to."""
    if path in TEMPORARY:
        return fstype in DISKS or fstype == "tmpfs"
    away = any(f"{path}/".startswith(f"{one}/") for one in (*PASSED_OVER, *passed))
    return fstype in DISKS and not away and os.path.isdir(path)


def walk(places: list[str], borders: set[str], users: "Owners", groups: "Owners") -> dict[str, list[str]]:
    """What is found below ``places``; a path of ``borders`` ends the way: another mount is a place of its own."""
    found: dict[str, list[str]] = {name: [] for name in LISTS}
    for place in places:
        for path, info in below(place, borders):
            mode = info.st_mode
            if info.st_uid not in users or info.st_gid not in groups:
                found["unowned"].append(path)
            if mode & _TELLING:
                for name in told_by(mode):
                    found[name].append(path)
    return {name: sorted(paths) for name, paths in found.items()}


def told_by(mode: int) -> Iterator[str]:
    """The lists that something with this mode belongs on."""
    if stat.S_ISDIR(mode):
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            yield "not_sticky"
    elif stat.S_ISREG(mode):
        if mode & stat.S_IWOTH:
            yield "world_writable"
        if mode & stat.S_ISUID:
            yield "setuid"
        if mode & stat.S_ISGID:
            yield "setgid"


def below(place: str, borders: set[str]) -> Iterator[tuple[str, os.stat_result]]:
    """Everything in a directory, links aside; what vanishes meanwhile is nothing."""
    waiting = [place]
    while waiting:
        try:
            entries = os.scandir(waiting.pop())
        except OSError:
            continue
        with entries:
            for entry in entries:
                try:
                    if entry.is_symlink():
                        continue
                    info = entry.stat(follow_symlinks=False)
                except OSError:
                    continue
                if stat.S_ISDIR(info.st_mode):
                    if entry.path in borders:
                        continue
                    waiting.append(entry.path)
                yield entry.path, info


class Owners:
    """Ids that belong to somebody: to a name, or to a range of subordinate ids."""

    def __init__(self, ranges: str, name: Callable[[int], str | None]) -> None:
        rows = re.findall(r"^[^:\n]+:(\d+):(\d+)$", read(ranges) or "", re.M)
        self.ranges = [range(int(first), int(first) + int(count)) for first, count in rows]
        self.name = name

    def __contains__(self, number: int) -> bool:
        return self.name(number) is not None or any(number in one for one in self.ranges)


def upgrades() -> list[str] | None:
    """Of the package lists as they are; nothing is fetched and nothing locked."""
    out = run("apt-get", "-s", "-qq", "-o", "Debug::NoLocking=true", "upgrade", timeout=60)
    return None if out is None else re.findall(r"^Inst (\S+)", out, re.M)
