"""The stack user, and what runs as it: Podman's records, systemd's units, the truth about each process."""

import json
import os
import pwd
import re
import stat

from garrison.snapshot.parts.base import Record, read, run
from garrison.snapshot.parts.files import describe_file, describe_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

STATUS_KEYS = ("Uid", "CapEff", "CapBnd", "NoNewPrivs", "Seccomp", "Seccomp_filters")
ESCAPED = re.compile(rb"\\([0-7]{3})")  # what separates words, in mountinfo: proc_pid_mountinfo(5)
USERINFO = re.compile(r"(?<=://)\S*@")
UNITS = ("garrison-*", "podman-restart.service", "podman.socket")
UNIT_PROPERTIES = "--property=Id,ActiveState,SubState,InvocationID,UnitFileState"


def subordinate(path: str, user: str) -> list[int] | None:
    for line in (read(path) or "").splitlines():
        name, _, rest = line.partition(":")
        if name == user:
            start, _, count = rest.partition(":")
            return [int(start), int(count)]
    return None


def account(user: str, uid: int) -> Record:
    try:
        holder = pwd.getpwuid(uid).pw_name
    except KeyError:
        holder = None
    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        return {"uid_holder": holder, "exists": False}
    slice_ = f"/sys/fs/cgroup/user.slice/user-{entry.pw_uid}.slice"
    return {
        "exists": True,
        "uid_holder": holder,
        "uid": entry.pw_uid,
        "home": entry.pw_dir,
        "shell": entry.pw_shell,
        "home_file": describe_file(entry.pw_dir),
        "linger": os.path.exists(f"/var/lib/systemd/linger/{user}"),
        "bus": os.path.exists(f"/run/user/{entry.pw_uid}/bus"),
        "subuid": subordinate("/etc/subuid", user),
        "subgid": subordinate("/etc/subgid", user),
        "controllers": (read(f"{slice_}/user@{entry.pw_uid}.service/cgroup.controllers") or "").split(),
    }


class Stack:
    """Podman and systemd as the stack user."""

    def __init__(self, user: str, entry: Record, *, walks: bool = False) -> None:
        self.walks = walks
        runtime = f"/run/user/{entry['uid']}"
        self.prefix = (
            "runuser", "-u", user, "--", "env", "-i", f"HOME={entry['home']}", f"USER={user}", f"LOGNAME={user}",
            f"XDG_RUNTIME_DIR={runtime}", f"DBUS_SESSION_BUS_ADDRESS=unix:path={runtime}/bus",
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
        )  # fmt: skip

    def run(self, *words: str) -> str | None:
        return run(*self.prefix, *words)

    def records(self, kind: str, *listing: str) -> list[Record] | None:
        """What ``podman <kind> inspect`` says of everything there is, in two commands."""
        names = self.run("podman", *listing)
        if names is None:
            return None
        if not names.split():
            return []
        out = self.run("podman", kind, "inspect", *names.split())
        return list(untold(json.loads(out))) if out else None

    def containers(self) -> list[Record] | None:
        records = self.records("container", "ps", "-aq", "--no-trunc")
        running = programs() if records else {}
        for record in records or []:
            pid = record["State"].get("Pid") or 0
            record["Process"] = process(pid, walks=self.walks) if pid else None
            if pid:
                record["Process"]["programs"] = running.get(namespace(pid), [])
            for mount in record.get("Mounts") or []:
                inside = f"/proc/{pid}/root{mount.get('Destination')}" if pid else ""
                mount["IsSocket"] = is_socket(inside) or is_socket(mount.get("Source") or "")
        return records

    def secrets(self) -> list[Record] | None:
        return self.records("secret", "secret", "ls", "-q")

    def images(self) -> str | None:
        form = "{{.ID}} {{.Repository}}:{{.Tag}} {{.Digest}}"
        return self.run("podman", "images", "--no-trunc", "--format", form)

    def user_units(self) -> dict[str, Record]:
        out = self.run("systemctl", "--user", "show", *UNITS, UNIT_PROPERTIES)
        blocks = [
            dict(line.split("=", 1) for line in block.splitlines())
            for block in (out or "").split("\n\n")
            if block.strip()
        ]
        return {block["Id"]: block for block in blocks if "Id" in block}

    def networks(self) -> list[Record] | None:
        out = self.run("podman", "network", "ls", "--format", "json")
        return None if out is None else list(json.loads(out or "[]"))

    def engine(self) -> Record | None:
        out = self.run("podman", "info", "--format", "json")
        return dict(json.loads(out)) if out else None


def untold(said: "Any") -> "Any":
    """The same without credentials in addresses: a proxy in a container's environment may have some."""
    if isinstance(said, str):
        return USERINFO.sub("", said) if "://" in said else said
    if isinstance(said, list):
        return [untold(one) for one in said]
    if isinstance(said, dict):
        return {key: untold(one) for key, one in said.items()}
    return said


def is_socket(path: str) -> bool:
    """By what it is: the engine's may have any name. A link isn't followed: it could lead out of a container."""
    try:
        return stat.S_ISSOCK(os.lstat(path).st_mode)
    except OSError:
        return False


def process(pid: int, *, walks: bool = False) -> Record:
    """The truth about a container's first process: identity, rights, arguments, and its secrets' owner and mode.

    ``walks``: the files of its models too, which may be many gigabytes to read.
    """
    uid_map, gid_map = id_map(pid, "uid"), id_map(pid, "gid")
    secrets: Record = {}
    for folder in ("run/secrets", "run/clients"):
        secrets |= files_inside(pid, folder, uid_map, gid_map)
    for entry in secrets.values():
        (entry or {}).pop("sha256", None)
    models = files_inside(pid, "models", uid_map, gid_map) if walks else None
    told = {"status": status(pid), "secrets": secrets, "uid_map": uid_map, "models": models}
    return told | {"devices": devices(pid)}


def devices(pid: int, proc: str = "/proc") -> Record | None:
    """What a process sees as a device, by its path: c or b, major and minor number. None where that can't be read.

    ``podman inspect`` tells of none in a rootless container. There each is a mount: nobody can make nodes.
    """
    found: Record = {}
    try:
        with open(f"{proc}/{pid}/mountinfo", "rb") as file:
            mounts = [line.split(b" ")[4] for line in file.read().split(b"\n") if line]
        for place in mounts:
            path = os.fsdecode(ESCAPED.sub(lambda code: bytes([int(code[1], 8)]), place))
            try:
                node = os.lstat(f"{proc}/{pid}/root{path}")
            except (FileNotFoundError, NotADirectoryError):
                continue  # another mount lies over it
            kind = {stat.S_IFCHR: "c", stat.S_IFBLK: "b"}.get(stat.S_IFMT(node.st_mode))
            if kind:
                found[path] = [kind, os.major(node.st_rdev), os.minor(node.st_rdev)]
    except (OSError, IndexError):
        return None
    # Each has /dev/null at least: who sees nothing hasn't seen.
    return found or None


def files_inside(pid: int, folder: str, uid_map: list[list[int]], gid_map: list[list[int]]) -> Record:
    """Every file of a folder of a container by its path there, with its owners as they are there."""
    root = f"/proc/{pid}/root/{folder}"
    # A link would lead to the host's own files.
    found = {} if os.path.islink(root) else describe_tree(root) or {}
    for entry in found.values():
        if entry and "mode" in entry:
            entry |= {"uid": inside(entry["uid"], uid_map), "gid": inside(entry["gid"], gid_map)}
    return {f"/{folder}/{name}": entry for name, entry in found.items()}


def namespace(pid: int | str) -> str | None:
    """Which processes see each other: those of one process namespace."""
    try:
        return os.readlink(f"/proc/{pid}/ns/pid")
    except OSError:
        return None


def programs() -> dict[str | None, list[str]]:
    """The names of the programs that run in each process namespace."""
    found: dict[str | None, set[str]] = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        found.setdefault(namespace(pid), set()).add((read(f"/proc/{pid}/comm") or "").strip())
    return {place: sorted(names - {""}) for place, names in found.items()}


def id_map(pid: int, kind: str) -> list[list[int]]:
    return [
        [int(word) for word in line.split()] for line in (read(f"/proc/{pid}/{kind}_map") or "").splitlines()
    ]


def status(pid: int) -> Record:
    lines = (line.split(":\t") for line in (read(f"/proc/{pid}/status") or "").splitlines())
    return {row[0]: row[1] for row in lines if len(row) == 2 and row[0] in STATUS_KEYS}


def inside(outer: int, mapping: list[list[int]]) -> int | None:
    """The id that ``outer`` has inside a user namespace with this map, or None when it isn't mapped."""
    for first_inside, first_outside, count in mapping:
        if first_outside <= outer < first_outside + count:
            return outer - first_outside + first_inside
    return None
