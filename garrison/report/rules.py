"""All that a host is judged by."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from garrison.controls.deviations import PlacedDeviation
from garrison.controls.load import Controls
from garrison.evidence.waivers import PlacedWaiver


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Controls, where we deviate from what a standard says, what was waived, and the day on which all that is read."""

    controls: Controls
    deviations: Sequence[PlacedDeviation]
    waivers: tuple[PlacedWaiver, ...]
    today: datetime.date
