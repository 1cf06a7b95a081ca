"""Waits until a booted host answers over SSH and its systemd has settled."""

import time
from collections.abc import Callable

from garrison.lab.access import ask
from garrison.lab.boot import console_tail
from garrison.lab.places import Places
from garrison.lab.progress import say
from garrison.problem import Problem, ProblemError

BOOT_DEADLINE_S = 120.0
_SAY_EVERY_S = 5.0
_SETTLED = ("running", "degraded")


def wait_ready(
    places: Places, host: str, address: str, is_alive: Callable[[], bool], deadline_s: float = BOOT_DEADLINE_S
) -> None:
    """Return when the host has booted; a failed unit is reported, it does not make the lab useless.

    Raises ProblemError when the boot loop ends or the deadline passes.
    """
    began = said = time.monotonic()
    while True:
        code, answer = ask(places, address, ["systemctl", "is-system-running"], timeout_s=10)
        if code is not None and answer in _SETTLED:
            break
        waited = time.monotonic() - began
        if not is_alive():
            raise _problem(places, host, "lab-boot-ended", f"stopped while it booted ({waited:.0f} s)")
        if waited > deadline_s:
            raise _problem(places, host, "lab-boot-timeout", f"is not ready after {waited:.0f} s: {answer}")
        if time.monotonic() - said > _SAY_EVERY_S:
            said = time.monotonic()
            say(f"{host}: waiting for {'systemd' if code is not None else 'SSH'} ({answer}; {waited:.0f} s)")
        time.sleep(0.2)
    if answer == "degraded":
        _, failed = ask(places, address, ["systemctl", "--failed", "--plain", "--no-legend"], timeout_s=10)
        units = ", ".join(line.split()[0] for line in failed.splitlines())
        say(f"{host}: up, but these units failed: {units}")


def _problem(places: Places, host: str, identifier: str, what: str) -> ProblemError:
    problem = Problem(
        where=f"lab host {host}",
        id=identifier,
        what=f"{what}. Its console ends: {console_tail(places, host) or 'empty'}.",
        remedy=f"Read {places.console(host)}; `make down` and `make up` begin anew.",
    )
    return ProblemError([problem])
