"""What is done to a deployed stack, and what no test can do to one, is done to a recorded one: a fault, a control."""

import pytest

from garrison.controls.load import load_controls
from garrison.controls.model import Control
from tests.controls.judging import Failing, breaks, find_failing, tell
from tests.unit.controls.spoilt import SPOILT
from tests.unit.evidence.conftest import Host

CONTROLS = load_controls()
FAULTY = [one for one in CONTROLS.by_id.values() if one.broken_by and one.broken_by.spoilt]


def failing(host: Host) -> Failing:
    return find_failing(host.evidence, host.wanted, CONTROLS.by_id.values())


@pytest.mark.parametrize("control", FAULTY, ids=lambda one: one.id)
def test_a_control_that_is_broken_is_the_one_that_fails(deployed: Host, control: Control) -> None:
    assert control.broken_by is not None
    assert control.broken_by.spoilt is not None
    before = failing(deployed)
    assert control.id not in before, tell(before)
    SPOILT[control.broken_by.spoilt](deployed)
    newly = {name: found for name, found in failing(deployed).items() if name not in before}
    assert newly.keys() == {control.id} | breaks(control), tell(newly)
