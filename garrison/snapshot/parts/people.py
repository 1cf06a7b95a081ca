"""Accounts and groups, from the files themselves: duplicates and empty passwords show only there."""

import os

from garrison.snapshot.parts.base import Record, as_number, read
from garrison.snapshot.parts.files import describe_owned

METHODS = {
    "1": "md5", "2a": "bcrypt", "2b": "bcrypt", "2x": "bcrypt", "2y": "bcrypt", "3": "nthash", "5": "sha256",
    "6": "sha512", "7": "scrypt", "gy": "gost-yescrypt", "md5": "sunmd5", "sha1": "sha1", "y": "yescrypt",
}  # fmt: skip
NO_LOGIN = ("nologin", "false", "sync", "halt", "shutdown")
_DAYS = ("last_change", "min_days", "max_days", "warn_days", "inactive_days", "expires")


def rows(path: str, count: int) -> list[list[str]]:
    lines = (line.split(":") for line in (read(path) or "").splitlines())
    return [line for line in lines if len(line) >= count]


def with_id(path: str, count: int) -> list[list[str]]:
    """Lines about somebody; NIS has others."""
    return [row for row in rows(path, count) if row[2].isdecimal()]


def accounts(passwd: str = "/etc/passwd", shadow: str = "/etc/shadow") -> list[Record]:  # noqa: S107 - paths
    secret = {row[0]: row for row in rows(shadow, 8)}
    found = []
    for name, field, uid, gid, _, home, shell in (row[:7] for row in with_id(passwd, 7)):
        entry: Record = {"name": name, "uid": int(uid), "gid": int(gid), "home": home, "shell": shell}
        entry |= password(secret.get(name), field) | {"home_file": describe_owned(home)}
        if os.path.basename(shell) not in NO_LOGIN:
            entry["dot_files"] = dot_files(home)
        found.append(entry)
    return found


def password(line: list[str] | None, field: str) -> Record:
    """The state, the method and the days; never the hash."""
    shadowed = field == "x"
    if shadowed and line is None:
        return {"password": None, "shadowed": True}
    value = line[1] if shadowed and line else field
    state = "none" if value == "" else "locked" if value[0] in "!*" else "set"
    days = dict(zip(_DAYS, map(as_number, line[2:8]), strict=True)) if line else {}
    return {"password": state, "hash": method(value), "shadowed": shadowed, **days}


def method(value: str) -> str | None:
    parts = value.lstrip("!").split("$")
    if len(parts) >= 3 and parts[0] == "":
        return METHODS.get(parts[1], "unknown")
    return "descrypt" if len(parts) == 1 and len(parts[0]) == 13 else None


def groups(path: str = "/etc/group") -> list[Record]:
    return [
        {"name": name, "gid": int(gid), "members": [one for one in members.split(",") if one]}
        for name, _, gid, members in (row[:4] for row in with_id(path, 4))
    ]


def dot_files(home: str) -> dict[str, Record]:
    try:
        names = sorted(name for name in os.listdir(home) if name.startswith("."))
    except OSError:
        return {}
    return {name: entry for name in names if (entry := describe_owned(f"{home}/{name}")) is not None}
