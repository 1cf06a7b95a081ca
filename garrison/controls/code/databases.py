"""Whether databases let in who has no password: asked, not read."""

from collections.abc import Iterator

from garrison.controls.code.registry import judges
from garrison.controls.finding import Found, unseen
from garrison.controls.seen import Seen
from garrison.evidence.databases import databases

# Anything else lets somebody in, or sends a password that can be read or computed.
GOOD = ("refused", "scram")


@judges("databases-ask-for-passwords", probing=True)
def judge_databases(seen: Seen) -> Iterator[Found]:
    """Every database, asked as its owner and as each of its consumers."""
    for word in databases(seen.wanted):
        service, _, _, user = word.split(":")
        where = f"container garrison-{service}"
        answer = (seen.evidence.databases or {}).get(word)
        if answer is None or answer == "unknown":
            yield unseen(where, f"it gave {user} no answer, so nothing is known of it.")
        elif answer not in GOOD:
            yield Found(where=where, what=f"without a password it answers {user}: {answer}.")
