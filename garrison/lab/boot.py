"""Starts a host's boot loop, and stops all that runs for a host."""

import os
import signal
import time
from pathlib import Path

from garrison.lab import cgroups, nspawn
from garrison.lab.cgroups import HostGroups
from garrison.lab.names import LabNames
from garrison.lab.network import NETNS_DIR
from garrison.lab.places import Places
from garrison.lab.progress import say

_LOOP = Path(__file__).with_name("boot.sh")
_POWEROFF = signal.SIGRTMIN + 4  # systemd(1), "Signals"
_REBOOT = signal.SIGRTMIN + 5
_STOP_DEADLINE_S = 20.0


def start(names: LabNames, places: Places, host: str, groups: HostGroups) -> None:
    """Start the host's boot loop in a session of its own, its console going to a file."""
    cgroups.make_groups(groups)
    places.images.mkdir(parents=True, exist_ok=True)
    machine = names.machine(host)
    netns = NETNS_DIR / machine
    boot = nspawn.boot_argv(
        machine=machine, hostname=host, netns=netns, root=places.root(host), images=places.images
    )
    argv = ["sh", str(_LOOP), machine, str(groups.unified), str(groups.named or ""), *boot]
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    os.posix_spawnp(
        "sh",
        argv,
        {**os.environ, **nspawn.ENVIRONMENT},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(places.console(host)), flags, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )


def stop(host: str, groups: HostGroups) -> None:
    """Power the host off, then kill what is left; fine when nothing runs."""
    if not cgroups.list_processes(groups.tops):
        return
    say(f"{host}: stopping (at most {_STOP_DEADLINE_S:.0f} s)")
    deadline = time.monotonic() + _STOP_DEADLINE_S
    asked: int | None = None
    while cgroups.list_processes(groups.tops) and time.monotonic() < deadline:
        init = cgroups.find_init(groups)
        if init is None:
            break
        if init != asked:
            _signal(init, _POWEROFF)
            asked = init
        time.sleep(0.1)
    cgroups.kill_all(groups)


def request_reboot(groups: HostGroups) -> int | None:
    """Ask the host's init for a reboot; return that init's process id, None where nothing runs."""
    init = cgroups.find_init(groups)
    if init is not None:
        _signal(init, _REBOOT)
    return init


def _signal(process: int, number: int) -> None:
    try:
        os.kill(process, number)
    except ProcessLookupError:
        return


def console_tail(places: Places, host: str, lines: int = 5) -> str:
    """Return the last lines of the host's console."""
    path = places.console(host)
    text = path.read_text(errors="replace") if path.is_file() else ""
    return " / ".join(line.strip() for line in text.splitlines()[-lines:] if line.strip())
