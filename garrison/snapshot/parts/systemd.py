"""systemd: the state of units, and the configuration in force as ``systemd-analyze cat-config`` merges it."""

import os

from garrison.snapshot.parts.base import Record, read, run

# The first of these wins, for a file and for a drop-in of the same name.
FOLDERS = ("/etc", "/run", "/usr/local/lib", "/usr/lib")
UNIT_FOLDERS = (
    *(
        f"/{top}/systemd/{folder}"
        for top in ("etc", "run")
        for folder in ("system", "system.control", "system.attached")
    ),
    *(f"/run/systemd/{folder}" for folder in ("generator", "generator.early", "generator.late", "transient")),
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
)
_PROPERTIES = "--property=LoadState,UnitFileState,ActiveState"


def units(names: list[str]) -> dict[str, Record] | None:
    """Every unit that is asked for in one call; a name that is none of systemd's is left out.

    A unit that is nowhere costs systemd a search of all its folders: what has no file isn't asked about.
    """
    valid = [name for name in names if "." in name and "@." not in name]
    known = [name for name in valid if may_exist(name)]
    absent = {
        name: {"load": "not-found", "enabled": "", "active": "inactive"}
        for name in valid
        if name not in known
    }
    return absent | shown if (shown := show(known)) is not None else None


def may_exist(name: str) -> bool:
    """Whether a unit has a file, by itself or as an instance, or still runs without one, or needs none."""
    stem, _, suffix = name.rpartition(".")
    if suffix not in {"path", "service", "socket", "timer"}:
        return True
    names = (name, f"{stem.partition('@')[0]}@.{suffix}") if "@" in name else (name,)
    places = [f"{folder}/{one}" for folder in UNIT_FOLDERS for one in names]
    return any(map(os.path.lexists, (*places, f"/sys/fs/cgroup/system.slice/{name}")))


def show(known: list[str]) -> dict[str, Record] | None:
    if not known:
        return {}
    out = run("systemctl", "show", _PROPERTIES, "--", *known, ignore_status=True)
    blocks = [
        dict(line.split("=", 1) for line in block.splitlines()) for block in (out or "").strip().split("\n\n")
    ]
    if len(blocks) != len(known):
        return None
    return {
        name: {
            "load": block.get("LoadState", ""),
            "enabled": block.get("UnitFileState", ""),
            "active": block.get("ActiveState", ""),
        }
        for name, block in zip(known, blocks, strict=True)
    }


def config(name: str, folders: tuple[str, ...] = FOLDERS) -> dict[str, str]:
    """``Section.Key`` → value of the file and its drop-ins; an empty value takes back what stood before."""
    main = next((f"{folder}/{name}" for folder in folders if os.path.exists(f"{folder}/{name}")), None)
    in_force: dict[str, str] = {}
    for path in [*([main] if main else []), *drop_ins(name, folders)]:
        for key, value in settings(read(path) or ""):
            in_force[key] = value
    return in_force


def drop_ins(name: str, folders: tuple[str, ...]) -> list[str]:
    """Ordered by file name, whatever folder they lie in."""
    found: dict[str, str] = {}
    for folder in reversed(folders):
        try:
            names = os.listdir(f"{folder}/{name}.d")
        except OSError:
            continue
        found |= {one: f"{folder}/{name}.d/{one}" for one in names if one.endswith(".conf")}
    return [path for _, path in sorted(found.items())]


def settings(text: str) -> list[tuple[str, str]]:
    section, found = "", []
    for line in text.replace("\\\n", " ").splitlines():
        line = line.strip()
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        elif "=" in line and line[0] not in "#;":
            key, _, value = line.partition("=")
            found.append((f"{section}.{key.strip()}", value.strip()))
    return found
