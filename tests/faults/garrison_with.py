"""`garrison` with one more change in phase 1.1: `python -m tests.faults.garrison_with KIND WORD…`."""

import sys
from collections.abc import Callable
from dataclasses import replace

from garrison.cli.main import main  # before all others: it patches what they import
from garrison.plan import rollout
from garrison.plan.step import PhasePlan
from garrison.plan.wanted import Wanted
from garrison.snapshot.model import Snapshot
from tests.faults.lockouts import change


def with_change(
    kind: str, plan: Callable[[Snapshot, Wanted], PhasePlan]
) -> Callable[[Snapshot, Wanted], PhasePlan]:
    """``plan`` with the change as its last step."""

    def planned(snapshot: Snapshot, wanted: Wanted) -> PhasePlan:
        found = plan(snapshot, wanted)
        return replace(found, steps=(*found.steps, change(kind, wanted.settings.guard_seconds)))

    return planned


if __name__ == "__main__":
    rollout.plan_host = with_change(sys.argv.pop(1), rollout.plan_host)
    main()
