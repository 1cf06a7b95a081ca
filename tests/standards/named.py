"""Compares what a tool reports with what controls/deviations.yaml says of it."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from garrison.controls.deviations import Deviation, load_deviations, load_standards_findings
from garrison.controls.load import load_controls
from garrison.controls.standards_findings import StandardsFinding

_OPENSCAP = re.compile(r"[a-z0-9_-]+")  # Lynis's tests are in capitals


@dataclass(frozen=True, kw_only=True)
class Named:
    """The rules of OpenSCAP that have a name in the file, and what kind of entry that is.

    ``conditional`` are those of deviations that don't apply to every host.
    """

    kinds: Mapping[str, str]
    twice: tuple[str, ...]
    conditional: frozenset[str] = frozenset()

    def of_kind(self, *kinds: str) -> frozenset[str]:
        """The rules of these kinds."""
        return frozenset(rule for rule, kind in self.kinds.items() if kind in kinds)

    def missing(self, failed: Set[str]) -> list[str]:
        """The failed rules that nobody names."""
        return sorted(failed - self.kinds.keys())

    def stale(self, failed: Set[str]) -> list[str]:
        """The named rules that don't fail on a container host (any more)."""
        return sorted(self.kinds.keys() - failed - self.of_machine)

    def stale_on_machine(self, failed: Set[str]) -> list[str]:
        """The named rules that don't fail on the full machine (any more)."""
        return sorted(self.kinds.keys() - failed - self.of_kind("container"))

    @property
    def of_machine(self) -> frozenset[str]:
        """The rules that fail on the full machine alone."""
        return self.of_kind("machine") | self.conditional


def collect_names(deviations: Iterable[Deviation], findings: Iterable[StandardsFinding]) -> Named:
    """Return the names that ``deviations`` and ``findings`` give."""
    ours = [(rule, each) for each in deviations for rule in each.rules if _OPENSCAP.fullmatch(rule)]
    pairs = [(rule, "deviation") for rule, _ in ours]
    pairs += [(rule, each.kind) for each in findings for rule in each.rules]
    counts = Counter(rule for rule, _ in pairs)
    return Named(
        kinds=dict(pairs),
        twice=tuple(sorted(rule for rule, times in counts.items() if times > 1)),
        conditional=frozenset(rule for rule, each in ours if each.applies != "always"),
    )


def load_names() -> Named:
    """Return the names that the repository's own controls/deviations.yaml gives."""
    controls = load_controls().by_id
    deviations = (each.deviation for each in load_deviations(controls))
    return collect_names(deviations, load_standards_findings(controls))
