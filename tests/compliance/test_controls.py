"""What is a control of the stack is broken on a deployed host: exactly it fails; then it is mended and holds again."""

import pytest

from garrison.cli.choose import choose
from garrison.controls.load import load_controls
from garrison.controls.model import Control
from garrison.evidence.checks import Evidence
from garrison.plan.wanted import Wanted
from tests.compliance.live import LiveHost
from tests.controls.judging import Failing, breaks, find_failing, tell

CONTROLS = load_controls()
ON_A_STACK = [one for one in CONTROLS.by_id.values() if one.broken_by and one.broken_by.on == "stack"]


def needs_probes(control: Control) -> bool:
    return choose(control.id, CONTROLS, ()).needs_probes


def look(live: LiveHost, wanted: Wanted, watched: tuple[str, int], control: Control) -> Failing:
    """What fails now; the slow probes run where the control is about them."""
    evidence = live.look(watched)[0] if needs_probes(control) else Evidence(snapshot=live.snapshot())
    return find_failing(evidence, wanted, CONTROLS.by_id.values())


def mend(live: LiveHost, control: Control) -> None:
    """As the record says, or by a deploy."""
    assert control.broken_by is not None
    if control.broken_by.mended_by is not None:
        live.sh(control.broken_by.mended_by)
    else:
        done = live.garrison("deploy")
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "control",
    [  # a probe takes a quarter of a minute, and each is asked for three times
        pytest.param(one, id=one.id, marks=[pytest.mark.full] if needs_probes(one) else [])
        for one in ON_A_STACK
    ],
)
def test_a_control_that_is_broken_is_the_one_that_fails(
    live: LiveHost, wanted: Wanted, watched: tuple[str, int], control: Control
) -> None:
    assert control.broken_by is not None
    assert control.broken_by.live is not None
    before = look(live, wanted, watched, control)
    assert control.id not in before, tell(before)
    try:
        live.sh(control.broken_by.live)
        after = look(live, wanted, watched, control)
    finally:
        mend(live, control)
    newly = {name: found for name, found in after.items() if name not in before}
    assert newly.keys() == {control.id} | (breaks(control) - before.keys()), tell(newly)
    assert control.id not in (again := look(live, wanted, watched, control)), tell(again)
