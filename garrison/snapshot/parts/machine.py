"""Memory, disk, listeners, packages, and who deploys right now."""

import fcntl
import json
import os
import re

from garrison.snapshot.parts.base import Record, read, run


def memory() -> int | None:
    found = re.search(r"^MemTotal:\s+(\d+) kB", read("/proc/meminfo") or "", re.M)
    return int(found[1]) * 1024 if found else None


def disk(path: str) -> Record:
    while not os.path.exists(path):
        path = os.path.dirname(path)
    usage = os.statvfs(path)
    options = run("findmnt", "-nro", "OPTIONS,FSTYPE", "-T", path)
    return {
        "free": usage.f_bavail * usage.f_frsize,
        "total": usage.f_blocks * usage.f_frsize,
        "mount": options.strip() if options else None,
    }


def packages() -> dict[str, str] | None:
    """Every installed package with its version."""
    out = run("dpkg-query", "-W", "-f", "${Package} ${db:Status-Status} ${Version}\n")
    if out is None:
        return None
    rows = (line.split() for line in out.splitlines())
    return {row[0]: row[2] for row in rows if len(row) == 3 and row[1] == "installed"}


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


def release() -> dict[str, str]:
    """Of /etc/os-release, what names the system."""
    lines = (read("/etc/os-release") or "").splitlines()
    told = dict(line.split("=", 1) for line in lines if "=" in line)
    return {key: told.get(key, "").strip('"') for key in ("ID", "VERSION_ID", "PRETTY_NAME")}


def virtualization() -> str:
    """As systemd-detect-virt says: of what is nested, the innermost."""
    return (run("systemd-detect-virt") or "none").strip()


def has_ipv6() -> bool:
    return os.path.exists("/proc/net/if_inet6")
