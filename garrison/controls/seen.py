"""All that judges may look at: one look at a host, and what is wanted there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # plan asks the controls what to look at, so at run time the arrow must not point back
    from garrison.evidence.checks import Evidence
    from garrison.plan.wanted import Wanted
    from garrison.problem import Problem
    from garrison.snapshot.host_model import HostFacts
    from garrison.snapshot.model import Snapshot


@dataclass(frozen=True, kw_only=True)
class Seen:
    """``evidence`` is what was measured on one host, ``wanted`` what it should be.

    ``problems`` are the findings of each check of ``garrison.evidence``.
    """

    evidence: Evidence
    wanted: Wanted
    problems: Mapping[str, Sequence[Problem]] = field(default_factory=dict, repr=False)

    @property
    def snapshot(self) -> Snapshot:
        return self.evidence.snapshot

    @property
    def host(self) -> HostFacts | None:
        """The facts of the host itself; None when the collector told none."""
        return self.snapshot.host
