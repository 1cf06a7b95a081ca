"""The hardening in phase 1.1: what each part of it makes of the controls, as one list of steps."""

from garrison.hardening.access import plan_access
from garrison.plan.step import Step
from garrison.plan.wanted import Wanted
from garrison.snapshot.model import Snapshot


def plan_hardening(snapshot: Snapshot, wanted: Wanted) -> tuple[Step, ...]:
    """What has to change for the chosen controls to hold; nothing where nobody looked at the host itself."""
    if snapshot.host is None or not wanted.chosen.controls:
        return ()
    return plan_access(snapshot, wanted)
