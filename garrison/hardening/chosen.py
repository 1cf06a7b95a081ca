"""The controls that a host is held to, and their conditions by kind."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TypeVar

from garrison.controls.applies import FACTS
from garrison.controls.conditions import Condition
from garrison.controls.model import Control
from garrison.snapshot.model import Snapshot

Kind = TypeVar("Kind", bound=Condition)


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The controls of the level that the inventory names."""

    controls: tuple[Control, ...] = field(repr=False)

    def of(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """Every condition of one kind, once, in the order of the controls' ids."""
        found: list[Kind] = []
        # Some have no hash, and to compare each with all before it takes many times as long (0.16 s for all kinds, and
        # 0.004 so): those that are equal say the same texts.
        alike: dict[tuple[str, ...], list[Kind]] = defaultdict(list)
        for each in (each for control in self.controls for each in control.holds if isinstance(each, kind)):
            before = alike[tuple(one for one in each.__dict__.values() if isinstance(one, str))]
            if each not in before:
                before.append(each)
                found.append(each)
        return tuple(found)

    def on(self, snapshot: Snapshot) -> "Chosen":
        """Only what applies to this host: what doesn't can be written to a file, but never be made to hold."""
        return Chosen(controls=tuple(each for each in self.controls if FACTS[each.applies].holds(snapshot)))
