"""The whole plan for one host, from one look at it."""

from collections.abc import Callable

from garrison.plan.door import DoorPlanner
from garrison.plan.errors import plan_errors
from garrison.plan.exposure import find_exposure
from garrison.plan.host import plan_host
from garrison.plan.metrics import plan_metrics
from garrison.plan.phases import PHASES
from garrison.plan.question import question
from garrison.plan.settle import settle
from garrison.plan.stack import plan_stack
from garrison.plan.step import PhasePlan, Plan
from garrison.plan.tracing import plan_tracing
from garrison.plan.wanted import Wanted
from garrison.problem import Problem, ProblemError
from garrison.snapshot.model import Snapshot
from garrison.tls.issuer import Issuer

# Only what all of these have proven is a release to come back to.
_WHOLE = frozenset({"2.1", "2.2", "2.3", "2.4", "2.5", "3.2", "3.3"})
_NO_DOOR = Problem(
    where="services",
    id="catalog.no-door",
    what="no service of the chosen profiles is the door.",
    remedy="Add the profile of the one that is (nginx: core) to 'profiles' in the inventory.",
)


def plan_rollout(
    snapshot: Snapshot, wanted: Wanted, issuer: Issuer, selected: frozenset[str], collector: str
) -> Plan:
    """Every selected phase with its steps, in order; ``settle`` is the last when the whole stack belongs to the run.

    Raises ProblemError when nothing is to be changed and the host still listens where it shouldn't.
    """
    if wanted.catalog.door is None:
        raise ProblemError([_NO_DOOR])
    door = DoorPlanner(snapshot=snapshot, wanted=wanted, issuer=issuer)
    makers: dict[str, Callable[[], PhasePlan]] = {
        "0": lambda: PhasePlan(id="0", title=PHASES["0"]),
        "1.1": lambda: plan_host(snapshot, wanted),
        "2.1": lambda: plan_stack(snapshot, wanted),
        "2.2": door.plan_tls,
        "2.3": door.plan_auth,
        "2.4": lambda: plan_errors(wanted),
        "2.5": lambda: door.plan_exposure(collector, question(wanted.settings, wanted.host_files)),
        "3.2": lambda: plan_metrics(wanted),
        "3.3": lambda: plan_tracing(wanted),
    }
    phases = [make() for phase, make in makers.items() if phase in selected]
    if selected >= _WHOLE:
        phases.append(settle(snapshot, wanted))
    plan = Plan(phases=tuple(phases), proven=snapshot.proven, unnoted=snapshot.unnoted)
    if (
        not plan.steps
        and not plan.gated
        and "2.5" in selected
        and (exposed := find_exposure(snapshot, wanted))
    ):
        raise ProblemError(exposed)
    return plan
