"""What every host is judged by: controls, deviations and the waivers beside the inventory."""

import datetime
from pathlib import Path

from garrison.controls.deviations import load_deviations
from garrison.controls.evidence_keys import KEYS
from garrison.controls.load import own_controls
from garrison.evidence.waivers import load_waivers
from garrison.report.rules import Rules


def load_rules(waivers: Path) -> Rules:
    """Controls, deviations and waivers. Raises ProblemError for every fault in them at once."""
    controls = own_controls()
    known = KEYS.keys() | controls.by_id.keys()
    return Rules(
        controls=controls,
        deviations=load_deviations(controls.by_id),
        waivers=load_waivers(waivers, known),
        today=datetime.datetime.now(datetime.UTC).date(),
    )
