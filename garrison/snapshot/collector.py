"""Tells, as one JSON document, what is on this host. Read-only; runs there as root, piped by standard input.

Only the standard library (Python 3.11 or newer), because nothing else is on a bare host. What can't be
read is null or absent, never a guess. Argument: a JSON object with stack_user, stack_home, files, trees and packages.
"""

import concurrent.futures
import fcntl
import hashlib
import json
import os
import platform
import pwd
import re
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

Record = dict[str, Any]
STATUS_KEYS = ("Uid", "CapEff", "CapBnd", "NoNewPrivs", "Seccomp", "Seccomp_filters")


def run(*words: str, timeout: int = 30) -> str | None:
    """Standard output, or None when the program is absent, fails or hangs."""
    try:
        # Podman refuses to start where its user may not be: in the home of whoever came by SSH.
        done = subprocess.run(words, capture_output=True, text=True, timeout=timeout, check=False, cwd="/")
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def read(path: str) -> str | None:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None


def describe_file(path: str) -> Record | None:
    try:
        info = os.lstat(path)
        if stat.S_ISLNK(info.st_mode):
            return {"link": os.readlink(path)}
        entry: Record = {"mode": stat.S_IMODE(info.st_mode), "uid": info.st_uid, "gid": info.st_gid}
        if stat.S_ISREG(info.st_mode):
            entry["sha256"] = hashlib.sha256(Path(path).read_bytes()).hexdigest()
        return entry
    except OSError:
        return None


def describe_tree(root: str) -> dict[str, Record | None] | None:
    """Every file below ``root``, by relative path; None when there is no such directory."""
    if not os.path.isdir(root):
        return None
    found = {}
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            found[os.path.relpath(path, root)] = describe_file(path)
    return found


def packages(names: list[str]) -> dict[str, str]:
    if not names:
        return {}
    words = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status} ${Version}\n", *names]
    try:  # dpkg-query exits with 1 when a single one is unknown, and still prints the others
        out = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False).stdout
    except OSError:
        return {}
    rows = (line.split() for line in out.splitlines())
    return {row[0]: row[2] for row in rows if len(row) == 3 and row[1] == "installed"}


def memory() -> int | None:
    found = re.search(r"^MemTotal:\s+(\d+) kB", read("/proc/meminfo") or "", re.M)
    return int(found[1]) * 1024 if found else None


def disk(path: str) -> Record:
    place = Path(path)
    while not place.exists():
        place = place.parent
    usage = shutil.disk_usage(place)
    options = run("findmnt", "-nro", "OPTIONS,FSTYPE", "-T", str(place))
    return {"free": usage.free, "total": usage.total, "mount": options.strip() if options else None}


def number(path: str) -> int | None:
    text = read(path)
    return int(text) if text and text.strip().lstrip("-").isdigit() else None


def listeners() -> list[Record] | None:
    """Every listening TCP and bound UDP socket of the host's own network namespace."""
    out = run("ss", "-Htulnpe")
    if out is None:
        return None
    found = []
    for line in out.splitlines():
        row = line.split()
        address, _, port = row[4].rpartition(":")
        process = re.search(r'users:\(\("([^"]+)"', line)
        uid = re.search(r"\buid:(\d+)", line)
        found.append(
            {
                "protocol": row[0],
                "address": address.split("%")[0].strip("[]"),
                "port": int(port),
                "process": process[1] if process else None,
                "uid": int(uid[1]) if uid else 0,
            }
        )
    return found


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
    base = (
        f"/sys/fs/cgroup/user.slice/user-{entry.pw_uid}.slice/user@{entry.pw_uid}.service/cgroup.controllers"
    )
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
        "controllers": (read(base) or "").split(),
    }


class Stack:
    """Podman and systemd as the stack user."""

    def __init__(self, user: str, entry: Record) -> None:
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
        return list(json.loads(out)) if out else None

    def containers(self) -> list[Record] | None:
        records = self.records("container", "ps", "-aq", "--no-trunc")
        for record in records or []:
            pid = record["State"].get("Pid") or 0
            record["Process"] = process(pid) if pid else None
        return records

    def units(self) -> dict[str, Record]:
        out = self.run(
            "systemctl",
            "--user",
            "show",
            "garrison-*",
            "podman-restart.service",
            "--property=Id,ActiveState,SubState,InvocationID,UnitFileState",
        )
        blocks = [
            dict(line.split("=", 1) for line in block.splitlines())
            for block in (out or "").split("\n\n")
            if block.strip()
        ]
        return {block["Id"]: block for block in blocks if "Id" in block}

    def networks(self) -> list[Record] | None:
        out = self.run("podman", "network", "ls", "--format", "json")
        return None if out is None else list(json.loads(out or "[]"))


def process(pid: int) -> Record:
    """The truth about a container's first process: identity, rights, arguments, and its secrets' owner and mode."""
    uid_map = [
        [int(word) for word in line.split()] for line in (read(f"/proc/{pid}/uid_map") or "").splitlines()
    ]
    gid_map = [
        [int(word) for word in line.split()] for line in (read(f"/proc/{pid}/gid_map") or "").splitlines()
    ]
    secrets = {}
    for folder in ("run/secrets", "run/clients"):
        for name, entry in (describe_tree(f"/proc/{pid}/root/{folder}") or {}).items():
            if entry and "mode" in entry:
                entry = {
                    "mode": entry["mode"],
                    "uid": inside(entry["uid"], uid_map),
                    "gid": inside(entry["gid"], gid_map),
                }
            secrets[f"/{folder}/{name}"] = entry
    return {"status": status(pid), "secrets": secrets, "uid_map": uid_map}


def status(pid: int) -> Record:
    lines = (line.split(":\t") for line in (read(f"/proc/{pid}/status") or "").splitlines())
    return {row[0]: row[1] for row in lines if len(row) == 2 and row[0] in STATUS_KEYS}


def inside(outer: int, mapping: list[list[int]]) -> int | None:
    """The id that ``outer`` has inside a user namespace with this map, or None when it isn't mapped."""
    for first_inside, first_outside, count in mapping:
        if first_outside <= outer < first_outside + count:
            return outer - first_outside + first_inside
    return None


def lock_holder() -> Record | None:
    """Who holds the lock now; a record without a holder is a run that was killed, and nobody's."""
    try:
        with open("/run/garrison/lock", "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None
    except BlockingIOError:
        unknown = {"who": "somebody", "since": "unknown", "run": "unknown"}
        return unknown | dict(json.loads(read("/run/garrison/holder.json") or "{}"))
    return None


def collect(want: Record) -> Record:
    user, home = want["stack_user"], want["stack_home"]
    entry = account(user, want["stack_uid"])
    release: dict[str, str] = dict(
        line.split("=", 1) for line in (read("/etc/os-release") or "").splitlines() if "=" in line
    )
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        later: dict[str, concurrent.futures.Future[Any]] = {
            "packages": pool.submit(packages, want["packages"]),
            "listeners": pool.submit(listeners),
            "virtualization": pool.submit(lambda: (run("systemd-detect-virt") or "none").strip()),
        }
        if entry["exists"] and entry["bus"] and shutil.which("podman"):
            stack = Stack(user, entry)
            later |= {
                "containers": pool.submit(stack.containers),
                "networks": pool.submit(stack.networks),
                "secrets": pool.submit(stack.records, "secret", "secret", "ls", "-q"),
                "images": pool.submit(
                    stack.run,
                    "podman",
                    "images",
                    "--no-trunc",
                    "--format",
                    "{{.ID}} {{.Repository}}:{{.Tag}} {{.Digest}}",
                ),
                "user_units": pool.submit(stack.units),
            }
        found = {
            "schema": 1,
            "euid": os.geteuid(),
            "os": {key: release.get(key, "").strip('"') for key in ("ID", "VERSION_ID", "PRETTY_NAME")},
            "architecture": platform.machine(),
            "python": platform.python_version(),
            "time": time.time(),
            "init": (read("/proc/1/comm") or "").strip(),
            "init_status": status(1),
            "memory": memory(),
            "disk": disk(home),
            "user_namespaces": {
                "max": number("/proc/sys/user/max_user_namespaces"),
                "unprivileged_clone": number("/proc/sys/kernel/unprivileged_userns_clone"),
            },
            "ipv6": os.path.exists("/proc/net/if_inet6"),
            "controllers": (read("/sys/fs/cgroup/cgroup.controllers") or "").split(),
            "account": entry,
            "files": {path: describe_file(path) for path in want["files"]},
            "trees": {path: describe_tree(path) for path in want["trees"]},
            "current": describe_file(f"{home}/current"),
            "certificate": read(f"{home}/tls/fullchain.pem"),
            "lock": lock_holder(),
            "proven": sorted(describe_tree("/var/lib/garrison/proven") or {}),
            "generation": (read("/var/lib/garrison/generation") or "").strip(),
        }
        return found | {key: future.result() for key, future in later.items()}


if __name__ == "__main__":
    json.dump(collect(json.loads(sys.argv[1])), sys.stdout, separators=(",", ":"))
