"""Tells, as one JSON document, what is on this host.

Argument: a JSON object with stack_user, stack_uid, stack_home, files, trees, packages and, where the host itself
is asked about, host (see ``garrison.snapshot.host_model.HostWant``).
"""

import json
import os
import sys
import time

from garrison.snapshot.parts import machine
from garrison.snapshot.parts.base import Later, Record, number, read
from garrison.snapshot.parts.files import describe_file, describe_tree
from garrison.snapshot.parts.guards import guards
from garrison.snapshot.parts.stack import Stack, account, status

# Whoever came by SSH may have brought any locale, and sudo any PATH.
ENVIRONMENT = {"LC_ALL": "C.UTF-8", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}


def collect(want: Record) -> Record:
    entry = account(want["stack_user"], want["stack_uid"])
    later = {
        "installed": Later(machine.packages),
        "listeners": Later(machine.listeners),
        "virtualization": Later(machine.virtualization),
    }
    if entry["exists"] and entry["bus"] and has_program("podman"):
        stack = Stack(want["stack_user"], entry, walks=bool(want.get("host", {}).get("walks")))
        engine = ("containers", "networks", "secrets", "images", "user_units")
        later |= {name: Later(getattr(stack, name)) for name in engine}
        if "host" in want:
            later["engine"] = Later(stack.engine)
    host = read_host(want["host"]) if "host" in want else None
    found = read_stack(want, entry) | {key: one.result() for key, one in later.items()}
    installed = found.pop("installed") or {}
    found["packages"] = {name: installed[name] for name in want["packages"] if name in installed}
    if host is not None:
        host |= {"packages": sorted(installed), "engine": found.pop("engine", None)}
        found["host"] = end_host(host, found["virtualization"])
    return found


def read_host(want: Record) -> Record:
    """What this process reads by itself, and what other programs will have said."""
    # Only a question about the host pays for loading the parts that answer it.
    from garrison.snapshot.parts.host import own_reading, programs

    later = {name: Later(job) for name, job in programs(want).items()}
    return own_reading(want) | later


def end_host(host: Record, virtualization: str) -> Record:
    from garrison.snapshot.parts.kernel import kernel

    told = {name: one.result() if isinstance(one, Later) else one for name, one in host.items()}
    return told | {"kernel": kernel(virtualization)}


def has_program(name: str) -> bool:
    return any(os.access(f"{folder}/{name}", os.X_OK) for folder in os.environ["PATH"].split(":"))


def read_stack(want: Record, entry: Record) -> Record:
    """What this process reads by itself."""
    home = want["stack_home"]
    return {
        "schema": 1,
        "euid": os.geteuid(),
        "os": machine.release(),
        "architecture": os.uname().machine,
        "python": sys.version.split()[0],
        "time": time.time(),
        "init": (read("/proc/1/comm") or "").strip(),
        "init_status": status(1),
        "memory": machine.memory(),
        "disk": machine.disk(home),
        "user_namespaces": {
            "max": number("/proc/sys/user/max_user_namespaces"),
            "unprivileged_clone": number("/proc/sys/kernel/unprivileged_userns_clone"),
        },
        "ipv6": machine.has_ipv6(),
        "controllers": (read("/sys/fs/cgroup/cgroup.controllers") or "").split(),
        "account": entry,
        "files": {path: describe_file(path) for path in want["files"]},
        "trees": {path: describe_tree(path) for path in want["trees"]},
        "current": describe_file(f"{home}/current"),
        "certificates": {
            "source": read(f"{home}/tls/live/source"),
            "chains": {
                kind: chain
                for kind in ("ecdsa", "rsa")
                if (chain := read(f"{home}/tls/live/{kind}.crt")) is not None
            },
            "unproven": os.path.lexists(f"{home}/tls/unproven"),
        },
        "lock": machine.lock_holder(),
        "guards": guards(),
        "proven": sorted(describe_tree("/var/lib/garrison/proven") or {}),
        "unnoted": os.path.lexists("/var/lib/garrison/unnoted"),
        "generation": (read("/var/lib/garrison/generation") or "").strip(),
    }


def as_json(document: Record) -> str:
    """In ASCII; a name that isn't UTF-8 has ? in the place of what isn't."""
    text = json.dumps(document, separators=(",", ":"))
    if "\\udc" not in text:
        return text
    plain = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
    return json.dumps(json.loads(plain), separators=(",", ":"))


def main() -> None:
    os.environ.update(ENVIRONMENT)
    sys.stdout.write(as_json(collect(json.loads(sys.argv[1]))))
