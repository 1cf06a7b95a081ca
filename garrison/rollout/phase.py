"""A phase as both ways in run it: queued from the host's plan, or passed over when nothing is to do."""

from pyinfra import host, logger

from garrison.plan.phases import GATES, PHASES
from garrison.rollout.apply import leave_word, queue_steps, take_lock
from garrison.rollout.context import rollout


def converge(phase_id: str) -> None:
    """Queue what the current host's plan has for this phase."""
    queue_steps(rollout(host).plan.queue(phase_id))


def begin() -> None:
    """Ask the host its one question; take its lock only when there is something to change, to prove or to note."""
    run = rollout(host)
    for warning in run.warnings:
        logger.warning(f"{host.name}: {warning}")
    if run.plan.is_due:
        take_lock(
            name="take the host's lock",
            generation=run.snapshot.generation,
            unproven=run.plan.unproven(tuple(PHASES), GATES),
        )


def finish() -> None:
    """Have the host note that the run has passed, where it took its lock; whatever fails before keeps that from it."""
    run = rollout(host)
    if run.plan.is_due:
        leave_word(
            name="note that the run has passed",
            changes=len(run.plan.steps),
            release=run.wanted.release.digest,
        )
