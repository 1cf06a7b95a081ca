"""What a container host can't show is seen to fail on the machine, each by itself; then one deploy mends them all.

The tests run in order: what one has broken stays broken for the next, and what fails newly is compared.
"""

from collections.abc import Iterator

import pytest

from garrison.controls.load import load_controls
from garrison.controls.model import Control
from tests.controls.hardened import Hardened, connected
from tests.controls.judging import breaks, tell
from tests.faults.runs import Workplace
from tests.vm.breaking import MENDED_BY, break_live
from tests.vm.host import VmHost
from tests.vm.machine import SLOW_S, Machine

CONTROLS = load_controls()
BROKEN = [one for one in CONTROLS.by_id.values() if break_live(one)]
LOCK = "/etc/audit/rules.d/99-garrison.rules"


@pytest.fixture(scope="module")
def unlocked(deployed: Machine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hardened]:
    """The machine after a boot that didn't lock its audit rules: until the next boot nobody could change any."""
    deployed.sh(f"rm {LOCK} && augenrules")
    deployed.reboot()
    workplace = Workplace(tmp_path_factory.mktemp("broken"), longest=4 * SLOW_S)
    with connected(VmHost(), workplace, CONTROLS) as made:
        made.look()
        yield made


def test_rules_that_anybody_may_change_fail(unlocked: Hardened) -> None:
    assert "L24" in unlocked.failing


@pytest.mark.parametrize("control", BROKEN, ids=lambda one: one.id)
def test_a_control_that_is_broken_is_the_one_that_fails(unlocked: Hardened, control: Control) -> None:
    before = unlocked.failing
    assert control.id not in before, f"it failed before anything broke it:\n{tell(before)}"
    unlocked.sh(break_live(control) or "false")
    newly = {name: found for name, found in unlocked.look().items() if name not in before}
    assert newly.keys() == {control.id} | (breaks(control) - before.keys()), tell(newly)


def test_a_deploy_mends_all(unlocked: Hardened) -> None:
    for line in MENDED_BY.values():
        unlocked.sh(line)
    run = unlocked.deploy()
    assert run.code == 0, run.said
    failing = unlocked.look()
    left = {one.id: failing[one.id] for one in BROKEN if one.id in failing}
    assert left == {}, tell(left)
    assert "L24" not in failing
