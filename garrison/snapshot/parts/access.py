"""Who gets in and what they may: sshd, sudo, login.defs, apt's configuration, the firewall."""

import json
import os
import re

from garrison.snapshot.parts.base import Record, read, run

Values = dict[str, list[str]]


def sshd() -> Values | None:
    """``sshd -T``: what the server would do, drop-ins and all; option → its values in order."""
    out = run("/usr/sbin/sshd", "-T")
    if out is None:
        return None
    found: Values = {}
    for line in out.splitlines():
        option, _, value = line.partition(" ")
        found.setdefault(option.lower(), []).append(value.strip())
    return found


def login_defs(path: str = "/etc/login.defs") -> dict[str, str] | None:
    text = read(path)
    if text is None:
        return None
    rows = (line.split(None, 1) for line in text.splitlines() if line.strip() and line.lstrip()[0] != "#")
    return {row[0]: row[1].strip().strip('"') for row in rows if len(row) == 2}


def sudo(path: str = "/etc/sudoers", depth: int = 0) -> list[str] | None:
    """Every line that counts as ``FILE: TEXT``, files included where sudo includes them.

    An include that can't be followed stays as a line: nobody knows what it says.
    """
    text = read(path)
    if text is None:
        return None
    found: list[str] = []
    for line in text.replace("\\\n", " ").splitlines():
        line = " ".join(line.split())
        if (include := re.match(r"[@#]include(dir)? (.+)$", line)) is not None:
            name = include[2].strip('"').replace("\\ ", " ")
            place = os.path.join(os.path.dirname(path), name.replace("%h", os.uname().nodename.split(".")[0]))
            for one in sudo_files(place) if include[1] else [place]:
                inner = sudo(one, depth + 1) if depth < 128 else None  # sudo's own limit
                found += [f"{path}: @include {one}"] if inner is None else inner
        elif (kept := without_comment(line)) != "":
            found.append(f"{path}: {kept}")
    return found


def without_comment(line: str) -> str:
    """A # begins a comment, except before a number, which is a user's id, or behind a backslash."""
    return re.sub(r"(?<!\\)#(?!\d).*", "", line).strip()


def sudo_files(folder: str) -> list[str]:
    """sudo passes over names with a dot or a tilde at the end, and over what is no file."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    kept = (f"{folder}/{name}" for name in names if "." not in name and not name.endswith("~"))
    return [path for path in kept if os.path.isfile(path)]


def apt(keys: list[str]) -> Values | None:
    """The values of these keys and no others: a proxy's has a password in it. One that isn't set has none."""
    out = run("apt-config", "dump")
    return None if out is None else asked_of_apt(apt_values(out), keys)


def asked_of_apt(found: Values, keys: list[str]) -> Values:
    return {key: found.get(key, []) for key in keys}


def apt_values(dump: str) -> Values:
    """Key → values: a list's elements have ``::`` at their end there, and its head an empty value."""
    found: Values = {}
    for key, value in re.findall(r'^(\S+) "(.*)";$', dump, re.M):
        name = key.rstrip(":")
        if value or name not in found:
            found.setdefault(name, []).append(value)
    return {name: [one for one in values if one] or [""] for name, values in found.items()}


def firewall() -> Record | None:
    out = run("nft", "-j", "list", "ruleset")
    return dict(json.loads(out)) if out else None
