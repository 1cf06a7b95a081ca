"""What failures at the door tell a client, and what they tell the log."""

from collections.abc import Callable, Iterator, Sequence

from garrison.controls.code.registry import judges
from garrison.controls.finding import Found, unseen
from garrison.controls.seen import Seen
from garrison.evidence import errors
from garrison.evidence.probes import Provocations
from garrison.problem import Problem


def _found(seen: Seen, find: Callable[[Provocations], Sequence[Problem]]) -> Iterator[Found]:
    provoked = seen.evidence.errors
    if provoked is None or not provoked.answers or not provoked.origins:
        yield unseen("look-errors", "it gave no answer, so nothing is known of the door's errors.")
        return
    for one in find(provoked):
        yield Found(where=one.where, what=one.what)


@judges("errors-tell-nothing", probing=True)
def judge_errors(seen: Seen) -> Iterator[Found]:
    """What is provoked at the door and on every route: problem documents of the right status, no more."""
    yield from _found(seen, errors.find_unlike)


@judges("errors-are-logged", probing=True)
def judge_log(seen: Seen) -> Iterator[Found]:
    """Each document's error_id, looked for in the journal."""
    yield from _found(seen, errors.find_unlogged)


@judges("requests-have-one-reading", probing=True)
def judge_smuggling(seen: Seen) -> Iterator[Found]:
    """Two lengths, a length and chunks, folded lines and the like are tried, and refused."""
    yield from _found(seen, errors.find_smuggled)


@judges("addresses-are-true", probing=True)
def judge_addresses(seen: Seen) -> Iterator[Found]:
    """Requests with X-Forwarded-For, X-Real-IP and Forwarded, looked for in the access log."""
    yield from _found(seen, errors.find_forged)
