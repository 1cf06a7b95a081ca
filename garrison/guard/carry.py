"""Carries out a guarded step: arm, change, prove by a new login, and else wait until the host has reverted."""

import time
from collections.abc import Callable

import gevent
from paramiko import SSHException
from pyinfra.api.exceptions import OperationError
from pyinfra.api.host import Host

from garrison.guard import words
from garrison.guard.login import LoginError, new_login
from garrison.plan.guarded import PROGRAM
from garrison.plan.step import Command, Probe, Step
from garrison.problem import ProblemError
from garrison.snapshot.guards import GuardState, Kept, Reverted

MARGIN = 30.0
QUICK = 3.0
PAUSE = 2.0

Run = Callable[[Command], str]
Say = Callable[[str], None]


def carry_out_guarded(host: Host, step: Step, run: Run, say: Say) -> None:
    """Carry out a step that ends with a Probe; ``run`` uses the run's own connection, ``say`` tells progress.

    Raises ProblemError when the change had to be taken back, and whatever ``run`` raises when the guard can't be
    armed: nothing is changed then.
    """
    *commands, probe = step.commands
    if not isinstance(probe, Probe):
        raise TypeError(f"{step.title} has no probe at its end")
    arm, *changes = (one for one in commands if isinstance(one, Command))
    run(arm)
    armed = time.monotonic()
    failed = _change(changes, run)
    said = failed or _prove(host, probe)
    if said is None:
        return
    say(f"{said}; waiting for the host to revert the change, at most {probe.seconds} s")
    due = armed + probe.seconds
    if not failed:  # else the host reverted as soon as a command of the change had failed there
        gevent.sleep(max(0.0, due - time.monotonic()))
    ended = _await_end(host, probe, said, due)
    if isinstance(ended, Reverted):
        raise ProblemError([words.reverted(host.name, probe, said, ended)])
    say(words.kept_late(probe, ended))


def _change(changes: list[Command], run: Run) -> str | None:
    """None, or what went wrong."""
    try:
        for command in changes:
            run(command)
    except (OperationError, ProblemError) as error:
        return f"the change failed: {str(error).strip().rstrip('.')}"
    except (OSError, EOFError, SSHException) as error:
        return f"the connection broke during the change: {error}"
    return None


def _prove(host: Host, probe: Probe) -> str | None:
    """None when a new login with sudo had the host keep the change, else what it said.

    A daemon that has just been told to reload may refuse the first one, quickly. There is no third try: sshd
    shuts out an address for a while after too many failures.
    """
    began = time.monotonic()
    last = _keep(host, probe)
    if last is not None and time.monotonic() - began < QUICK:
        gevent.sleep(PAUSE)
        last = _keep(host, probe)
    return None if last is None else f"a new login with sudo failed: {last.rstrip('.')}"


def _keep(host: Host, probe: Probe) -> str | None:
    try:
        with new_login(host) as login:
            login.run(f"sudo -n true && sudo -n {PROGRAM} keep {probe.guard}")
    except LoginError as error:
        return str(error)
    return None


def _await_end(host: Host, probe: Probe, said: str, due: float) -> Reverted | Kept:
    """What the host recorded, once a new login works again; it makes no sense to try often before it is due.

    A login whose answer was lost, or came too late, may have had the host keep the change all the same.
    """
    last = ""
    while time.monotonic() < due + MARGIN:
        if last:
            gevent.sleep(max(PAUSE, due - time.monotonic()))
        try:
            with new_login(host) as login:
                state = GuardState.model_validate_json(login.run(f"sudo -n {PROGRAM} status"))
        except LoginError as error:
            last = str(error)
            continue
        if record := state.past(probe.guard):
            return record
        if not state.is_armed(probe.guard):
            if kept := state.proven(probe.guard):
                return kept
            raise ProblemError([words.vanished(host.name, probe, said)])
        last = "the change is still there"
    raise ProblemError([words.lost(host.name, probe, said, last)])
