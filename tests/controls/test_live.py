"""Every control is seen to fail on a live host, by itself; then one deploy mends them all.

The tests run in order on one host: what one has broken stays broken for the next, and what fails newly is compared.
"""

import pytest

from garrison.controls.load import Controls, load_controls
from garrison.controls.model import DEPLOY_HOST, Control
from tests.controls.hardened import Hardened
from tests.controls.judging import breaks, in_order, tell

BROKEN_LIVE = in_order(
    one
    for one in load_controls().by_id.values()
    if one.broken_by and one.broken_by.live and one.broken_by.on == "host"
)


def mended_by(control: Control) -> str | None:
    """What root does where a deploy doesn't mend it."""
    return control.broken_by.mended_by if control.broken_by else None


@pytest.mark.parametrize("control", BROKEN_LIVE, ids=lambda one: one.id)
def test_a_control_that_is_broken_is_the_one_that_fails(hardened: Hardened, control: Control) -> None:
    assert control.broken_by is not None
    assert control.broken_by.live is not None
    walks = control.id in hardened.need_walks
    if not walks:
        hardened.wait_for(control.id)
    before = hardened.look(walks=True) if walks else hardened.failing
    assert control.id not in before, f"it failed before anything broke it:\n{tell(before)}"
    hardened.sh(control.broken_by.live)
    after = hardened.look(walks=walks)
    if walks:
        hardened.look()
    newly = {name: found for name, found in after.items() if name not in before}
    assert newly.keys() == {control.id} | (breaks(control) - before.keys()), tell(newly)


def test_a_deploy_and_a_few_hands_mend_all(hardened: Hardened, controls: Controls) -> None:
    run = hardened.deploy()
    assert run.code == 0, run.said
    broken = {one.id for one in BROKEN_LIVE}
    left = {name: found for name, found in hardened.look(walks=True).items() if name in broken}
    assert not [name for name in left if mended_by(controls.by_id[name]) is None], tell(left)
    for name in left:
        hardened.sh(mended_by(controls.by_id[name]) or "false")
    assert not (rest := {name: one for name, one in hardened.look(walks=True).items() if name in broken}), (
        tell(rest)
    )


def test_where_no_deploy_is_the_remedy_something_else_is_said_that_mends() -> None:
    by_hand = (one for one in BROKEN_LIVE if DEPLOY_HOST not in one.remedy)
    assert [one.id for one in by_hand if mended_by(one) is None] == []
