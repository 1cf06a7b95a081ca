"""Mount options: in effect right away, and again after each boot."""

import re
from collections.abc import Iterator, Sequence

from garrison.controls.conditions import Mount
from garrison.plan.hostfiles import HostFile
from garrison.plan.step import Step, lay_files, sh
from garrison.snapshot import host_model
from garrison.snapshot.model import Snapshot

UNIT = "garrison-mounts.service"
PATH = f"/etc/systemd/system/{UNIT}"
FSTAB = "/etc/fstab"
SHARED_MEMORY = "/dev/shm"  # noqa: S108 - a mount point, not a file of ours
# What every host mounts for itself, not by a line in fstab.
_ITS_OWN = ("/tmp", SHARED_MEMORY)  # noqa: S108 - as above
# A remount takes back every flag that it doesn't name.
_FLAGS = ("ro", "nosuid", "nodev", "noexec", "noatime", "nodiratime", "relatime", "nosymfollow")


def mount_files(conditions: Sequence[Mount]) -> dict[str, HostFile]:
    """A unit that mounts again what systemd, or what boots a container, mounted without the options."""
    lines = [
        f"ExecStart=/bin/sh -c 'if mountpoint -q {each.path}; then mount -o "
        f"remount,bind,{','.join(each.options)} {each.path}; fi'"
        for each in conditions
        if each.path in _ITS_OWN
    ]
    text = _UNIT_TEXT.replace("@COMMANDS@", "\n".join(lines))
    return {PATH: HostFile(mode=0o644, content=text.encode(), reloads="manager")}


_UNIT_TEXT = """# Garrison lays this file down; the next deploy undoes changes.
[Unit]
Description=Garrison: options of /tmp and shared memory
DefaultDependencies=no
After=local-fs.target
Before=sysinit.target

[Service]
Type=oneshot
RemainAfterExit=yes
@COMMANDS@

[Install]
WantedBy=sysinit.target
"""


def plan_mounts(snapshot: Snapshot, conditions: Sequence[Mount]) -> Iterator[Step]:
    """Lines of fstab first, then what is mounted right now. Nothing is unmounted, so nothing that runs notices."""
    host = snapshot.host
    if host is None:
        return
    text = host.texts.get(FSTAB) or ""
    wanted = edit_fstab(text, conditions)
    if wanted != text and FSTAB not in host.texts_withheld:
        yield lay_files("write mount options", "fstab lacks some", {FSTAB: (0o644, wanted.encode())},
                        sh("systemctl", "daemon-reload"))  # fmt: skip
    for each in conditions:
        found = host.mount(each.path)
        if found and (missing := [one for one in each.options if one not in found.options]):
            yield Step(
                title=f"mount {each.path} with {', '.join(missing)}",
                why="it lacks them",
                commands=(sh("mount", "-o", _remount(found, each), each.path),),
            )


def _remount(found: host_model.Mount, wanted: Mount) -> str:
    """``bind``: the flags of this mount alone, never the file system's, which a container shares with others."""
    kept = [flag for flag in _FLAGS if flag in found.options or flag in wanted.options]
    return ",".join(["remount", "bind", *kept])


def edit_fstab(text: str, conditions: Sequence[Mount]) -> str:
    """The text with the options in each line that is there, and a line for shared memory, which has none by itself."""
    wanted = {each.path: each.options for each in conditions}
    lines = [_edit_line(line, wanted) for line in text.splitlines()]
    if SHARED_MEMORY in wanted and not any(_mount_point(line) == SHARED_MEMORY for line in lines):
        lines.append(f"tmpfs {SHARED_MEMORY} tmpfs {','.join(('defaults', *wanted[SHARED_MEMORY]))} 0 0")
    return "\n".join(lines) + "\n" if lines else text


def _mount_point(line: str) -> str | None:
    fields = line.split()
    return fields[1] if len(fields) >= 4 and not fields[0].startswith("#") else None


def _edit_line(line: str, wanted: dict[str, tuple[str, ...]]) -> str:
    path = _mount_point(line)
    if path not in wanted:
        return line
    options = line.split()[3].split(",")
    missing = [one for one in wanted[path] if one not in options]
    opposite = {one.removeprefix("no") for one in wanted[path]}
    kept = [one for one in options if one not in opposite]
    if not missing and kept == options:
        return line
    # Only the fourth field changes; blanks between the others stay as somebody laid them out.
    return re.sub(
        r"^((?:\s*\S+\s+){3})\S+", lambda head: head[1] + ",".join([*kept, *missing]), line, count=1
    )
