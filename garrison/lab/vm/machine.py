"""Up, reboot and down of the full machine."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from garrison.lab import outer
from garrison.lab.commands import check_tools
from garrison.lab.lab import Lab
from garrison.lab.progress import say
from garrison.lab.state import give_to_owner
from garrison.lab.vm import argv, clock, disk
from garrison.lab.vm.places import VmPlaces
from garrison.lab.vm.state import VmState, is_running, load_state, start_of
from garrison.problem import Problem, ProblemError

_BOOT_DEADLINE_S = 3600.0  # two minutes on a machine that does nothing else
_SAY_EVERY_S = 15.0
# Python would warn of each program that outlives its record here.
_left_running: "list[subprocess.Popen[bytes]]" = []


def up(lab: Lab) -> VmState:
    """Return the running machine, made anew and booted where none runs.

    Raises ProblemError when a tool is missing or the machine does not come up.
    """
    outer.check_root()
    check_tools()
    places = VmPlaces(lab=lab.places)
    state = load_state(places.state_file)
    if state is not None and is_running(state):
        return state
    keys = disk.make_disk(lab, places)
    state = _start(places)
    places.known_hosts.write_text("".join(f"[{argv.LOOPBACK}]:{state.ssh_port} {key}\n" for key in keys))
    give_to_owner(places.known_hosts, lab.places.checkout)
    wait_ready(lab, state)
    return state


def _start(places: VmPlaces) -> VmState:
    port = _free_port()
    say(f"vm: booting (console: {places.console})")
    log = places.folder / "qemu.log"
    process = _leave_running(argv.qemu_argv(places.tree, places.inside, port), log)
    started = start_of(process.pid)
    if started is None:
        raise _problem(places, "vm-emulator-ended", f"did not start: {log.read_text().strip()}")
    _leave_running([sys.executable, "-m", clock.__name__, str(process.pid), str(started)], log)
    state = VmState(process=process.pid, started=started, ssh_port=port)
    places.state_dir.mkdir(parents=True, exist_ok=True)
    places.state_file.write_text(state.model_dump_json())
    for path in (places.state_dir, places.state_file):
        give_to_owner(path, places.lab.checkout)
    return state


def _leave_running(words: Sequence[str], log: Path) -> "subprocess.Popen[bytes]":
    with log.open("ab") as output:
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    _left_running.append(process)
    return process


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((argv.LOOPBACK, 0))
        return int(listener.getsockname()[1])


def ask(lab: Lab, state: VmState, command: Sequence[str], timeout_s: float = 60.0) -> tuple[int | None, str]:
    """Run ``command`` in the machine; return its exit code and what it says, or None and what went wrong."""
    places = VmPlaces(lab=lab.places)
    words = argv.ssh_argv(places.ssh_key, places.known_hosts, state.ssh_port, command)
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired:
        return None, f"no answer within {timeout_s:.0f} s"
    if done.returncode == 255:
        return None, (done.stderr.strip().splitlines() or ["ssh failed"])[-1]
    # sshd's banner, which a hardened machine has, comes as an error before it.
    return done.returncode, (done.stdout or done.stderr).strip()


def wait_ready(lab: Lab, state: VmState, not_boot: str = "") -> None:
    """Return when systemd has settled in another boot than ``not_boot``; raises ProblemError if it never does."""
    places = VmPlaces(lab=lab.places)
    began = said = time.monotonic()
    question = ["cat /proc/sys/kernel/random/boot_id; systemctl is-system-running"]
    while True:
        # Who gives up early and asks again makes a slow machine slower.
        code, answer = ask(lab, state, question, 300)
        words = answer.split()
        if code is not None and words[-1:] in (["running"], ["degraded"]) and words[0] != not_boot:
            say(f"vm: up ({words[-1]}, {time.monotonic() - began:.0f} s)")
            return
        waited = time.monotonic() - began
        if not is_running(state):
            raise _problem(places, "vm-emulator-ended", f"ended while it booted ({waited:.0f} s)")
        if waited > _BOOT_DEADLINE_S:
            raise _problem(places, "vm-boot-timeout", f"is not ready after {waited:.0f} s: {answer}")
        if time.monotonic() - said > _SAY_EVERY_S:
            said = time.monotonic()
            say(f"vm: waiting ({' '.join(words)[:80]}; {waited:.0f} s)")
        time.sleep(3)


def reboot(lab: Lab, state: VmState) -> None:
    """Reboot the machine and return when it is ready again."""
    _, boot = ask(lab, state, ["cat", "/proc/sys/kernel/random/boot_id"])
    ask(lab, state, ["sudo", "systemctl", "reboot"])
    wait_ready(lab, state, boot.strip())


def down(lab: Lab) -> None:
    """Stop the emulator and remove the machine's disk and state; what is gone already is fine."""
    outer.check_root()
    places = VmPlaces(lab=lab.places)
    state = load_state(places.state_file)
    if state is not None:
        _stop(state)
    for folder in (places.folder, places.state_dir):
        shutil.rmtree(folder, ignore_errors=not folder.exists())


def _stop(state: VmState) -> None:
    # Its disk goes next, so there is nothing to shut down in order.
    deadline = time.monotonic() + 10
    while is_running(state):
        os.kill(state.process, signal.SIGTERM if time.monotonic() < deadline else signal.SIGKILL)
        time.sleep(0.2)


def _problem(places: VmPlaces, identifier: str, what: str) -> ProblemError:
    return ProblemError(
        [
            Problem(
                where="the full machine",
                id=identifier,
                what=f"{what}.",
                remedy=f"Read {places.console} and qemu.log beside it; `python -m garrison.lab.vm down` clears up.",
            )
        ]
    )
