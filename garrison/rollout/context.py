"""What a run knows about a host: its settings, one look at it, and the plan that follows."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.host import Host

from garrison.facts.snapshot import HostSnapshot
from garrison.guard.leftover import take_back
from garrison.hardening.firewall import firewall_warnings
from garrison.plan.expect import expect
from garrison.plan.images import stand_in_warnings
from garrison.plan.metrics import alert_warnings
from garrison.plan.phases import select_phases
from garrison.plan.preflight import find_problems
from garrison.plan.question import ask_about
from garrison.plan.rollout import plan_rollout
from garrison.plan.step import Plan
from garrison.plan.wanted import Wanted
from garrison.problem import Problem, ProblemError
from garrison.rollout.connection import tune
from garrison.rollout.inputs import read_settings
from garrison.settings import HostSettings
from garrison.snapshot.model import Snapshot
from garrison.snapshot.program import pack
from garrison.tls.issuer import make_issuer


class RefusedError(PyinfraError):
    """The run ends before the first change: pyinfra prints the problems, without a traceback."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(("refused before the first change:", *(f"  {one}" for one in problems))))


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """One host's part of a run."""

    wanted: Wanted
    snapshot: Snapshot
    plan: Plan
    warnings: tuple[str, ...] = ()


_rollouts: "WeakKeyDictionary[Host, Rollout]" = WeakKeyDictionary()


def rollout(host: Host) -> Rollout:
    """The host's rollout; the first call asks the host its one question.

    Raises RefusedError with every problem of inventory, catalog and host at once.
    """
    real: Host = getattr(host, "_get_module", lambda: host)()
    if real not in _rollouts:
        try:
            _rollouts[real] = _prepare(real)
        except ProblemError as error:
            raise RefusedError(error.problems) from error
    return _rollouts[real]


def _prepare(host: Host) -> Rollout:
    data: Mapping[str, Any] = host.data.dict()
    settings = read_settings(host.name, data)
    selected = select_phases(settings.through, settings.phases)
    tune(host)
    snapshot = _look(host, settings)
    told = tuple(str(one) for one in snapshot.guards.reverted)
    if snapshot.guards.armed and snapshot.lock is None:
        told += take_back(host, snapshot.guards)
        snapshot = _look(host, settings)
        told += tuple(str(one) for one in snapshot.guards.reverted if not one.paths)
    wanted = expect(settings, snapshot, gives=True)
    if problems := find_problems(host.name, snapshot, wanted, time.time()):
        raise ProblemError(problems)
    issuer = make_issuer(settings)
    plan = plan_rollout(snapshot, wanted, issuer, selected, pack())
    # Told where the key is about to be used, and not by every run that changes nothing.
    warning = issuer.warning() if any(phase.id == "2.2" and phase.steps for phase in plan.phases) else None
    if snapshot.host and any(phase.id == "1.1" and phase.steps for phase in plan.phases):
        told += firewall_warnings(snapshot.host)
    warnings = (*told, *stand_in_warnings(wanted), *alert_warnings(wanted), *((warning,) if warning else ()))
    return Rollout(wanted=wanted, snapshot=snapshot, plan=plan, warnings=warnings)


def _look(host: Host, settings: HostSettings) -> Snapshot:
    snapshot = host.get_fact(HostSnapshot, want=ask_about(settings), _stdin=pack())
    if snapshot is None:
        raise ProblemError([_no_answer(host)])
    return snapshot


def _no_answer(host: Host) -> Problem:
    return Problem(
        where=host.name,
        id="preflight.no-answer",
        what="the host can't be looked at.",
        remedy="Is python3 installed there, and may the SSH user use sudo without a password? "
        "Try: ssh HOST sudo -n python3 --version.",
    )
