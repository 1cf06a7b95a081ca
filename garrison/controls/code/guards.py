"""What the lockout guard holds or has taken back."""

from collections.abc import Iterator

from garrison.controls.code.registry import judges
from garrison.controls.finding import Found
from garrison.controls.seen import Seen


@judges("no-change-was-taken-back")
def judge_guards(seen: Seen) -> Iterator[Found]:
    """Every change that waits for its proof, and every one that the host took back and nobody made good."""
    guards = seen.snapshot.guards
    for armed in guards.armed:
        yield Found(
            where=armed.name,
            what=f"a change of {armed.armed} waits for its proof, at most {armed.after} s.",
            remedy="Run the deploy again: it takes back what an earlier run left unproven.",
        )
    for record in guards.reverted:
        yield Found(where=record.name, what=f"{record}")
