"""What a person is told when a change would have locked everybody out."""

from garrison.plan.guarded import PROGRAM
from garrison.plan.step import Probe
from garrison.problem import Problem
from garrison.snapshot.guards import Kept, Reverted


def reverted(host: str, probe: Probe, said: str, record: Reverted) -> Problem:
    """The change is undone and a new login works again."""
    broken = [one for one in record.reloads if one.code]
    but = "".join(f" But `{one.line}` failed then: {one.said}." for one in broken)
    return Problem(
        where=host,
        id="guard.reverted",
        what=f"{probe.title}: {said}. The host took the change of {', '.join(probe.paths)} back "
        f"({record.because}), and a new login with sudo works again.{but}",
        remedy="Mend what would have locked you out in the inventory or the template, then run again; "
        f"what the host did: sudo {PROGRAM} status.",
    )


def lost(host: str, probe: Probe, said: str, last: str) -> Problem:
    """The change should be undone by now, and still nobody gets in."""
    return Problem(
        where=host,
        id="guard.lost",
        what=f"{probe.title}: {said}. The host should have taken the change back by now, but a new login still "
        f"fails: {last}.",
        remedy=f"Go to the host's console: {PROGRAM} status; {PROGRAM} revert {probe.guard}. A restart of the host "
        "reverts as well.",
    )


def kept_late(probe: Probe, record: Kept) -> str:
    """The change is proven after all: a login did what it came for, and only its answer didn't get here in time."""
    return (
        f"{probe.title}: the change stays: the new login got through after all, and the host kept the change at "
        f"{record.kept}; only the answer came too late. A new login with sudo works"
    )


def vanished(host: str, probe: Probe, said: str) -> Problem:
    """The host knows nothing of the guard, not even how it ended: somebody took its records away."""
    return Problem(
        where=host,
        id="guard.vanished",
        what=f"{probe.title}: {said}. The host has no record of the guard {probe.guard}, neither of its "
        f"change nor of how it ended: somebody took them away.",
        remedy="Look at the host, then run again.",
    )
