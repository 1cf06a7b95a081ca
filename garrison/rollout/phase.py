"""A phase as both ways in run it: queued from the host's plan, or passed over when nothing is to do."""

from pyinfra import host

from garrison.rollout.apply import apply_phase, take_lock
from garrison.rollout.context import rollout


def converge(phase_id: str) -> None:
    """Queue what the current host's plan has for this phase, behind the lock when it is the first change."""
    run = rollout(host)
    phase = run.phase(phase_id)
    if phase is None:
        return
    apply_phase(phase, gated=run.is_gated(phase_id))


def begin() -> None:
    """Ask the host its one question; take its lock only when there is something to change."""
    run = rollout(host)
    if run.plan.steps:
        take_lock(name="take the host's lock", generation=run.snapshot.generation)
