"""What a person is told when a change would have locked everybody out."""

from garrison.plan.guarded import PROGRAM
from garrison.plan.step import Probe
from garrison.problem import Problem
from garrison.snapshot.guards import Reverted


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


def vanished(host: str, probe: Probe, said: str) -> Problem:
    """The host knows nothing of the guard: somebody else ended it."""
    return Problem(
        where=host,
        id="guard.vanished",
        what=f"{probe.title}: {said}. The host neither holds the change nor has taken it back: somebody else "
        f"ended the guard {probe.guard}.",
        remedy="Look at the host, then run again.",
    )
