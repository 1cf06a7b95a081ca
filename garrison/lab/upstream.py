"""The lab's own upstream of documentation packs: an HTTP server that lab hosts reach, and nobody else."""

import hashlib
import os
import socket
import sys
import time
from ipaddress import IPv4Network
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from garrison.lab import cgroups, subnets, upstream_packs
from garrison.lab.cgroups import HostGroups
from garrison.lab.lab import Lab
from garrison.lab.progress import say
from garrison.lab.state import LabState, give_to_owner
from garrison.problem import Problem, ProblemError

_SERVER = Path(__file__).with_name("upstream_server.py")
_PORTS = range(8480, 8490)
_START_DEADLINE_S = 10.0


class _Wanted(BaseModel):
    """What a server is started for; anything else is a reason to start it anew."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: str
    interface: int
    subnet: IPv4Network
    folder: Path
    program: str


class _Running(BaseModel):
    """What the running server was started for, and where it listens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    wanted: _Wanted
    port: int


def open_upstream(lab: Lab, state: LabState) -> None:
    """Have the packs made, served and listed in the checkout's ``packs.yaml``, as far as they are not.

    Raises ProblemError when they can't be made, or no port is free.
    """
    packs = upstream_packs.ensure_packs(lab.places)
    groups, running = _groups(lab), _read(lab)
    wanted = _Wanted(
        address=str(subnets.gateway4(state.subnet)),
        interface=socket.if_nametoindex(lab.names.bridge),
        subnet=state.subnet,
        folder=packs.folder,
        program=hashlib.sha256(_SERVER.read_bytes()).hexdigest(),
    )
    if running is None or running.wanted != wanted or not cgroups.is_loop_running(groups):
        close_upstream(lab)
        running = _start(lab, groups, wanted)
        say(f"documentation packs are served to the lab at {wanted.address}:{running.port}")
    _write_list(lab, packs, running)


def close_upstream(lab: Lab) -> None:
    """End the server and remove what names it; fine when there is none."""
    groups = _groups(lab)
    cgroups.kill_all(groups)
    cgroups.remove_groups(groups)
    _record(lab).unlink(missing_ok=True)


def _groups(lab: Lab) -> HostGroups:
    return cgroups.groups_of(cgroups.find_hierarchies(), lab.names.upstream)


def _record(lab: Lab) -> Path:
    return lab.places.state_dir / "upstream.json"


def _read(lab: Lab) -> _Running | None:
    try:
        return _Running.model_validate_json(_record(lab).read_text())
    except (OSError, ValidationError):
        return None


def _start(lab: Lab, groups: HostGroups, wanted: _Wanted) -> _Running:
    cgroups.make_groups(groups)
    with _listen(wanted.address, lab.names.bridge) as listener:
        port: int = listener.getsockname()[1]
        os.set_inheritable(listener.fileno(), True)
        loops = [str(top / "loop") for top in groups.tops]
        argv = [sys.executable, "-I", str(_SERVER), str(listener.fileno()), str(wanted.subnet)]
        argv += [str(wanted.folder), *loops]
        os.posix_spawn(
            sys.executable,
            argv,
            {"PATH": os.defpath},
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setsid=True,
        )
    _await_start(groups)
    running = _Running(wanted=wanted, port=port)
    _record(lab).write_text(running.model_dump_json(indent=2) + "\n")
    give_to_owner(_record(lab), lab.places.checkout)
    return running


def _listen(address: str, bridge: str) -> socket.socket:
    """A listening socket on the lab's bridge: bound to that device, it takes nothing that came by another."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, bridge.encode() + b"\0")
    for port in _PORTS:
        try:
            listener.bind((address, port))
        except OSError:
            continue
        listener.listen(64)
        return listener
    listener.close()
    problem = Problem(
        where=f"the ports {_PORTS.start} to {_PORTS.stop - 1} of this machine",
        id="lab-upstream-port",
        what="are all taken, so the documentation packs can't be served to the lab.",
        remedy="Free one of them (ss -tlnp).",
    )
    raise ProblemError([problem])


def _await_start(groups: HostGroups) -> None:
    deadline = time.monotonic() + _START_DEADLINE_S
    while not cgroups.is_loop_running(groups):
        if time.monotonic() > deadline:
            problem = Problem(
                where="the server of documentation packs",
                id="lab-upstream-start",
                what=f"did not start within {_START_DEADLINE_S:.0f} s.",
                remedy=f"Try it by hand: {sys.executable} -I {_SERVER}.",
            )
            raise ProblemError([problem])
        time.sleep(0.02)


def _write_list(lab: Lab, packs: upstream_packs.Packs, running: _Running) -> None:
    why = "the lab's own server is on its bridge, which nobody else is on; the SHA-256 covers what it sends"
    records = [
        {**record, "url": f"http://{running.wanted.address}:{running.port}/{file}", "insecure": why}
        for file, record in packs.records.items()
    ]
    text = "# Written by `garrison lab up`.\n" + yaml.safe_dump(
        {"packs": records}, sort_keys=False, width=110
    )
    if not lab.places.packs_file.is_file() or lab.places.packs_file.read_text() != text:
        lab.places.packs_file.write_text(text)
        give_to_owner(lab.places.packs_file, lab.places.checkout)
