"""Whether the journal goes where the inventory says: by the files that ask for it, and the unit that sends."""

from collections.abc import Iterator

from garrison.controls.code.registry import judges
from garrison.controls.finding import Found, unseen
from garrison.controls.seen import Seen
from garrison.plan.hostfiles import SHIPPING_FILES, SHIPPING_UNIT
from garrison.plan.reloads import mark

UNIT = f"{SHIPPING_UNIT}.service"


@judges("logs-are-shipped")
def judge_shipping(seen: Seen) -> Iterator[Found]:
    """Where the inventory names a collector, the unit runs that sends the journal there, and its files are a deploy's.

    They ask for TLS, for who vouches for the collector and for the name that its certificate bears.
    """
    if seen.wanted.settings.log_shipping is None:
        yield Found(where="logs", what="the inventory names no collector.", is_absent=True)
        return
    yield from _judge_files(seen)
    yield from _judge_unit(seen)


def _judge_files(seen: Seen) -> Iterator[Found]:
    """Compared whole: one line more could send everything elsewhere too, or to whoever answers."""
    files = seen.snapshot.files
    for path in SHIPPING_FILES:
        wanted = seen.wanted.host_files.get(path)
        if wanted is None:
            continue
        if path not in files:
            yield unseen(path)
        elif files[path] is None:
            yield Found(where=path, what="it isn't there.")
        elif not wanted.is_in_place(files[path]):
            yield Found(where=path, what="it isn't the one that a deploy lays down for this inventory.")


def _judge_unit(seen: Seen) -> Iterator[Found]:
    unit = seen.host.units.get(UNIT) if seen.host else None
    if unit is None:
        yield unseen(UNIT)
    elif unit.active != "active":
        yield Found(where=UNIT, what=f"it is {unit.active}, and nothing else sends the journal.")
    if seen.snapshot.files.get(mark("shipping")) is not None:
        yield Found(where=UNIT, what="its files were changed, and it hasn't been started again since.")
