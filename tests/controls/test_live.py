"""Every control is seen to fail on a live host, by itself; then one deploy mends them all.

The tests run in order on one host: what one has broken stays broken for the next, and what fails newly is compared.
"""

from pathlib import Path

import pytest
import yaml

from garrison.controls.load import Controls, load_controls
from garrison.controls.model import Control
from tests.controls.hardened import Hardened
from tests.controls.judging import breaks, in_order, tell

BY_HAND: dict[str, str] = yaml.safe_load((Path(__file__).parent / "by_hand.yaml").read_text())
BROKEN_LIVE = in_order(
    one
    for one in load_controls().by_id.values()
    if one.broken_by and one.broken_by.live and one.broken_by.on == "host"
)


def is_mended_by_deploying(control: Control) -> bool:
    return control.remedy.startswith("garrison deploy INVENTORY --phases host")


@pytest.mark.parametrize("control", BROKEN_LIVE, ids=lambda one: one.id)
def test_a_control_that_is_broken_is_the_one_that_fails(hardened: Hardened, control: Control) -> None:
    assert control.broken_by is not None
    assert control.broken_by.live is not None
    before = hardened.failing
    assert control.id not in before, f"it failed before anything broke it:\n{tell(before)}"
    hardened.sh(control.broken_by.live)
    after = hardened.look()
    newly = {name: found for name, found in after.items() if name not in before}
    assert newly.keys() == {control.id} | (breaks(control) - before.keys()), tell(newly)


def test_a_deploy_and_a_few_hands_mend_all(hardened: Hardened, controls: Controls) -> None:
    run = hardened.deploy()
    assert run.code == 0, run.said
    broken = {one.id for one in BROKEN_LIVE}
    left = {name: found for name, found in hardened.look().items() if name in broken}
    assert not [name for name in left if is_mended_by_deploying(controls.by_id[name])], tell(left)
    for name in left:
        hardened.sh(BY_HAND[name])
    assert not (rest := {name: one for name, one in hardened.look().items() if name in broken}), tell(rest)


def test_whoever_mends_by_hand_is_told_how_and_for_nothing_else() -> None:
    by_person = {one.id for one in BROKEN_LIVE if not is_mended_by_deploying(one)}
    assert BY_HAND.keys() <= by_person
