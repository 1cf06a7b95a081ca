"""What every host is judged by: controls, deviations and the waivers beside the inventory."""

import datetime
from pathlib import Path

from garrison.controls.deviations import load_deviations
from garrison.controls.load import own_controls
from garrison.evidence.checks import CHECKS
from garrison.evidence.waivers import load_waivers
from garrison.report.measured import Rules


def load_rules(waivers: Path) -> Rules:
    """Controls, deviations and waivers. Raises ProblemError for every fault in them at once."""
    controls = own_controls()
    known = frozenset(one.id for one in CHECKS) | controls.by_id.keys()
    return Rules(
        controls=controls,
        deviations=load_deviations(controls.by_id),
        waivers=load_waivers(waivers, known),
        today=datetime.datetime.now(datetime.UTC).date(),
    )
