"""Slots one below the other, each as near to where it wants to be as the others let it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Slot:
    """``wish`` is where its middle wants to be, ``half`` its height by two, ``room`` what it keeps free around it."""

    wish: float
    weight: float
    half: float
    room: float


@dataclass(kw_only=True)
class _Block:
    """Slots that touch: they move together."""

    wish: float
    weight: float
    count: int


def stack(slots: Sequence[Slot]) -> list[float]:
    """The middles, in the slots' order, with the least sum of squared distances from the wishes.

    Pool adjacent violators: where two want to be nearer than they may, both go to their weighted middle.
    """
    offsets = _offsets(slots)
    blocks: list[_Block] = []
    for slot, offset in zip(slots, offsets, strict=True):
        blocks.append(_Block(wish=slot.wish - offset, weight=slot.weight, count=1))
        while len(blocks) > 1 and blocks[-2].wish > blocks[-1].wish:
            last = blocks.pop()
            blocks[-1] = _merge(blocks[-1], last)
    starts = [block.wish for block in blocks for _ in range(block.count)]
    return [start + offset for start, offset in zip(starts, offsets, strict=True)]


def _merge(one: _Block, other: _Block) -> _Block:
    weight = one.weight + other.weight
    wish = (one.wish * one.weight + other.wish * other.weight) / weight
    return _Block(wish=wish, weight=weight, count=one.count + other.count)


def _offsets(slots: Sequence[Slot]) -> list[float]:
    """How far below the first each slot is when all stand as near together as they may."""
    offsets, at = [], 0.0
    for number, slot in enumerate(slots):
        if number:
            before = slots[number - 1]
            at += before.half + slot.half + min(before.room, slot.room)
        offsets.append(at)
    return offsets
