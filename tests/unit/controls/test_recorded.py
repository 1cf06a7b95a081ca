"""What no lab host can show is broken on paper: a recorded host with one thing laid over it fails one control."""

import pytest

from garrison.controls.load import Controls, load_controls
from garrison.controls.model import Control
from garrison.evidence.checks import Evidence
from garrison.plan.expect import expect
from garrison.plan.wanted import Wanted
from garrison.settings import HostSettings
from garrison.snapshot.model import Snapshot
from tests.controls.hardened import CHANGES
from tests.controls.judging import Failing, breaks, find_failing, tell
from tests.unit.controls.whole import Document, patched, whole_document

CONTROLS = load_controls()
RECORDED = [one for one in CONTROLS.by_id.values() if one.broken_by and one.broken_by.recorded]


@pytest.fixture(scope="module")
def document() -> Document:
    return whole_document(CONTROLS.by_id.values())


@pytest.fixture(scope="module")
def strict(document: Document) -> Wanted:
    data = {"server_names": ("lab.test",), "ssh_user": "ops", **CHANGES}
    return expect(HostSettings.from_data("recorded", data), Snapshot.parse(document))


@pytest.fixture(scope="module")
def before(document: Document, strict: Wanted) -> Failing:
    """What fails before anything is laid over."""
    return failing(Snapshot.parse(document), strict, CONTROLS)


def failing(snapshot: Snapshot, wanted: Wanted, controls: Controls) -> Failing:
    return find_failing(Evidence(snapshot=snapshot), wanted, controls.by_id.values())


@pytest.mark.parametrize("control", RECORDED, ids=lambda one: one.id)
def test_a_control_that_is_broken_is_the_one_that_fails(
    document: Document, strict: Wanted, before: Failing, control: Control
) -> None:
    assert control.broken_by is not None
    assert control.broken_by.recorded is not None
    assert control.id not in before, tell(before)
    after = failing(patched(document, control.broken_by.recorded), strict, CONTROLS)
    newly = {name: found for name, found in after.items() if name not in before}
    assert newly.keys() == {control.id} | (breaks(control) - before.keys()), tell(newly)


def test_every_control_has_a_way_to_be_broken() -> None:
    """One that can't be seen to fail doesn't count."""
    assert [one.id for one in CONTROLS.by_id.values() if one.broken_by is None] == []
