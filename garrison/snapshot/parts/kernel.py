"""The kernel's truth: sysctl, mounts, modules, and what this host may use of it."""

import ctypes
import glob
import os
import re

from garrison.snapshot.parts.audit import ask_kernel
from garrison.snapshot.parts.base import Record, read, run

BOOT_LOADERS = ("/boot/grub/grub.cfg", "/boot/efi/loader", "/boot/loader", "/efi/loader")
# What systemd-detect-virt --container may say.
CONTAINERS = frozenset(
    [
        "container-other",
        "docker",
        "lxc",
        "lxc-libvirt",
        "openvz",
        "podman",
        "pouch",
        "proot",
        "rkt",
        "systemd-nspawn",
        "wsl",
    ]
)
_UNSYNCHRONIZED = 0x0040  # STA_UNSYNC of adjtimex(2)
_CLOCK_ERROR = 5
_STATUS_OFFSET = 5 * 8  # of struct timex: modes, padded, then offset, freq, maxerror, esterror


def sysctl(key: str) -> str | None:
    """The value in force, with single spaces; sysctl's own rule for names of interfaces: a/b.c is a.b/c.

    A key with * is asked of each interface: ``all=1 default=1 eth0=0``.
    """
    if "*" in key:
        pattern = f"/proc/sys/{key.replace('.', '/')}"
        at = pattern.split("/").index("*")
        texts = {path.split("/")[at]: read(path) for path in sorted(glob.glob(pattern))}
        return " ".join(f"{name}={text.strip()}" for name, text in texts.items() if text is not None) or None
    swapped = key.translate(str.maketrans("./", "/."))
    text = read(f"/proc/sys/{swapped if '/' not in key else key}")
    return None if text is None else " ".join(text.split())


def mounts(text: str | None = None) -> list[Record]:
    """What is to be seen at each mount point, with the options of both the mount and its file system."""
    lines = (read("/proc/self/mountinfo") if text is None else text) or ""
    found = [_mount(line) for line in lines.splitlines()]
    placed = {(one["parent"], one["path"]): one for one in found}
    every = {one["id"] for one in found}
    root = next((one for one in found if one["parent"] not in every or one["parent"] == one["id"]), None)
    seen = (_uppermost(root, path, placed) for path in dict.fromkeys(one["path"] for one in found))
    return [{key: one[key] for key in ("path", "source", "fstype", "options")} for one in seen if one]


def _mount(line: str) -> Record:
    own, _, system = line.partition(" - ")
    fields, (fstype, source, options) = own.split(), system.split(" ", 2)
    return {
        "id": fields[0],
        "parent": fields[1],
        "path": unescape(fields[4]),
        "source": unescape(source),
        "fstype": fstype,
        "options": sorted({*fields[5].split(","), *options.split(",")}),
    }


def _uppermost(root: Record | None, path: str, placed: dict[tuple[str, str], Record]) -> Record | None:
    """The way that the kernel goes to a path: the order of the lines says nothing, and a mount may hide others."""
    seen = root
    parts = path.rstrip("/").split("/")
    for place in ("/".join(parts[:end]) or "/" for end in range(1, len(parts) + 1)):
        while seen and (upper := placed.get((seen["id"], place))) and upper is not seen:
            seen = upper
    return seen if seen and seen["path"] == path else None


def unescape(path: str) -> str:
    """A blank in a path is written \\040 there."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), path)


def loaded_modules() -> frozenset[str]:
    return frozenset(line.split()[0] for line in (read("/proc/modules") or "").splitlines())


def module(name: str, loaded: frozenset[str]) -> Record:
    plain = name.replace("-", "_")
    is_loaded = plain in loaded or os.path.isdir(f"/sys/module/{plain}/sections")
    return {"loaded": is_loaded, "loadable": _is_loadable(name)}


def _is_loadable(name: str) -> bool | None:
    """modprobe prints what it would insert, or the command that stands in its place, or nothing where it can't."""
    if not os.path.isdir(f"/lib/modules/{os.uname().release}"):
        return None
    out = run("modprobe", "--show-depends", name, ignore_status=True)
    if out is None:
        return None
    last = (out.strip().splitlines() or [""])[-1].split()
    if not last or last[0] == "install":
        return bool(last) and os.path.basename(last[1]) not in {"false", "true"}
    return last[0] in {"insmod", "builtin"}


def kernel(virtualization: str) -> Record:
    container = virtualization if virtualization in CONTAINERS else "none"
    profiles = apparmor_profiles()
    enabled = read("/sys/module/apparmor/parameters/enabled")
    return {
        "container": container,
        "release": os.uname().release,
        "apparmor": (enabled or "N").strip() == "Y" and profiles is not None,
        "audit": ask_kernel() is not None,
        "boot_loader": any(os.path.exists(path) for path in BOOT_LOADERS),
        "synchronized": is_synchronized(),
        # A container sees that of the machine around it.
        "command_line": "" if container != "none" else (read("/proc/cmdline") or "").strip(),
        "profiles": profiles,
    }


def apparmor_profiles() -> dict[str, str] | None:
    text = read("/sys/kernel/security/apparmor/profiles")
    if text is None:
        return None
    rows = (line.rpartition(" (") for line in text.splitlines())
    return {name: mode.rstrip(")") for name, _, mode in rows}


def is_synchronized() -> bool | None:
    """Whether something disciplines the clock, as the kernel knows it; nothing is set."""
    buffer = ctypes.create_string_buffer(1024)
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(buffer)
    except (OSError, AttributeError):
        return None
    if state < 0:
        return None
    status = int.from_bytes(buffer.raw[_STATUS_OFFSET : _STATUS_OFFSET + 4], "little")
    return state != _CLOCK_ERROR and not status & _UNSYNCHRONIZED
