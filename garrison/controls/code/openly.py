"""Whether services let in who has no password and no key: asked, not read."""

from collections.abc import Iterator

from garrison.controls.code.registry import judges
from garrison.controls.finding import Found, unseen
from garrison.controls.seen import Seen
from garrison.evidence.openly import databases, services, viewers

# Anything else lets somebody in, or sends a password that can be read or computed.
GOOD = ("refused", "scram")


@judges("databases-ask-for-passwords", probing=True)
def judge_databases(seen: Seen) -> Iterator[Found]:
    """Every database, asked as its owner and as each of its consumers."""
    yield from _judge(seen, databases(seen.wanted), "without a password")


@judges("services-ask-for-keys", probing=True)
def judge_services(seen: Seen) -> Iterator[Found]:
    """Every service with keys or a credential, asked by HTTP from inside its own network, past the door."""
    yield from _judge(seen, services(seen.wanted), "without a key")


@judges("dashboards-ask-for-a-password", probing=True)
def judge_viewer(seen: Seen) -> Iterator[Found]:
    """Who shows the dashboards refuses whoever doesn't log in."""
    yield from _judge(seen, viewers(seen.wanted), "without a password")


@judges("keyless-are-on-loopback")
def judge_keyless(seen: Seen) -> Iterator[Found]:
    """Who collects metrics and spans asks nobody for a key: it is published where service.yaml says, on loopback."""
    from garrison.evidence.ports import find_undeclared

    if seen.snapshot.containers is None:
        yield unseen("containers", "Podman didn't say which there are.")
        return
    catalog = seen.wanted.catalog
    keyless = {one.name for one in (catalog.scraper, catalog.collector) if one}
    for name, problem in find_undeclared(seen.snapshot, seen.wanted):
        if name in keyless:
            yield Found(where=problem.where, what=problem.what, remedy=problem.remedy)


def _judge(seen: Seen, words: list[str], how: str) -> Iterator[Found]:
    for word in words:
        service, _, _, user = word.split(":")
        where = f"container garrison-{service}"
        answer = (seen.evidence.openly or {}).get(word)
        if answer is None or answer == "unknown":
            yield unseen(where, f"it gave {user} no answer, so nothing is known of it.")
        elif answer not in GOOD:
            yield Found(where=where, what=f"{how} it answers {user}: {answer}.")
