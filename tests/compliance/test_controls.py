"""What is a control of the stack is broken on a deployed host: exactly it fails; then it is mended and holds again."""

import time

import pytest

from garrison.cli.choose import choose
from garrison.controls.load import load_controls
from garrison.controls.model import Control
from garrison.evidence.checks import Evidence
from garrison.plan.wanted import Wanted
from tests.compliance.breaking import breaks_with, broken, need_its_service
from tests.compliance.live import LiveHost
from tests.controls.judging import Failing, find_failing, tell

CONTROLS = load_controls()
PATIENCE = 40.0  # seconds in which a scrape finds a target gone
ON_A_STACK = [one for one in CONTROLS.by_id.values() if one.broken_by and one.broken_by.on == "stack"]


def needs_probes(control: Control) -> bool:
    return choose(control.id, CONTROLS, ()).needs_probes


def look(live: LiveHost, wanted: Wanted, watched: tuple[str, int], control: Control) -> Failing:
    """What fails now; the slow probes run where the control is about them."""
    evidence = live.look(watched)[0] if needs_probes(control) else Evidence(snapshot=live.snapshot())
    return find_failing(evidence, wanted, CONTROLS.by_id.values())


def is_slow(control: Control) -> bool:
    """A probe takes a quarter of a minute, and each is asked for three times; a container is made anew twice."""
    return needs_probes(control) or bool(control.broken_by and control.broken_by.remade)


@pytest.mark.parametrize(
    "control",
    [pytest.param(one, id=one.id, marks=[pytest.mark.full] if is_slow(one) else []) for one in ON_A_STACK],
)
def test_a_control_that_is_broken_is_the_one_that_fails(
    live: LiveHost, wanted: Wanted, watched: tuple[str, int], control: Control
) -> None:
    need_its_service(live, wanted, control)
    before = look(live, wanted, watched, control)
    assert control.id not in before, tell(before)
    with broken(live, wanted, control):
        end = time.monotonic() + PATIENCE
        after = look(live, wanted, watched, control)
        while control.id not in after and time.monotonic() < end:
            after = look(live, wanted, watched, control)
    newly = {name: found for name, found in after.items() if name not in before}
    assert newly.keys() == {control.id} | (breaks_with(control) - before.keys()), tell(newly)
    assert control.id not in (again := look(live, wanted, watched, control)), tell(again)
