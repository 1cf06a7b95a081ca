"""L06: where the inventory names a collector the journal goes there, by what a deploy laid down and nothing else."""

from collections.abc import Callable

import pytest

from garrison.controls.code.shipping import UNIT
from garrison.controls.load import load_controls
from garrison.controls.result import State
from garrison.controls.seen import Seen
from garrison.controls.verdict import judge_control
from garrison.plan.hostfiles import SHIPPING_FILES
from garrison.plan.reloads import mark
from tests.unit.controls.spoilt import ship_logs
from tests.unit.evidence.conftest import Document, Host

CONTROL = load_controls().by_id["L06"]
CONFIG, CA, SERVICE, START = SHIPPING_FILES


@pytest.fixture
def ships(deployed: Host) -> Host:
    ship_logs(deployed)
    return deployed


def judged(host: Host) -> tuple[State, list[tuple[str, bool]]]:
    seen = Seen(evidence=host.evidence, wanted=host.wanted)
    state, found, _ = judge_control(CONTROL, seen)
    return state, [(f"{one.where}: {one.what}", one.is_unseen) for one in found]


def file_is(path: str, **said: object) -> Callable[[Document], None]:
    return lambda document: document["files"][path].update(said)


def test_without_a_collector_it_does_not_apply(deployed: Host) -> None:
    seen = Seen(evidence=deployed.evidence, wanted=deployed.wanted)
    state, _, note = judge_control(CONTROL, seen)
    assert state is State.NOT_APPLICABLE
    assert note == "logs: the inventory names no collector."


def test_a_unit_that_runs_by_the_files_of_a_deploy_is_enough(ships: Host) -> None:
    assert judged(ships) == (State.PASSED, [])


@pytest.mark.parametrize("active", ["failed", "inactive", "activating"])
def test_a_unit_that_does_not_run_is_found(active: str, ships: Host) -> None:
    ship_logs(ships, active=active)
    said = f"{UNIT}: it is {active}, and nothing else sends the journal."
    assert judged(ships) == (State.FAILED, [(said, False)])


def test_a_unit_of_which_nothing_was_told_is_not_known_to_run(ships: Host) -> None:
    del ships.snapshot["host"]["units"][UNIT]
    state, ((said, is_unseen),) = judged(ships)
    assert (state, is_unseen) == (State.FAILED, True)
    assert said.startswith(UNIT)


@pytest.mark.parametrize("path", [CONFIG, SERVICE, START])
@pytest.mark.parametrize("said", [{"sha256": "0" * 64}, {"mode": 0o666}, {"uid": 1000}], ids=str)
def test_a_file_that_somebody_changed_is_found(path: str, said: dict[str, object], ships: Host) -> None:
    """With anon in the place of x509/name, say, whoever answers would be told everything."""
    file_is(path, **said)(ships.snapshot)
    what = f"{path}: it isn't the one that a deploy lays down for this inventory."
    assert judged(ships) == (State.FAILED, [(what, False)])


def test_a_file_that_is_gone_is_found(ships: Host) -> None:
    ships.snapshot["files"][CONFIG] = None
    assert judged(ships) == (State.FAILED, [(f"{CONFIG}: it isn't there.", False)])


def test_a_file_that_was_not_asked_for_is_not_known_to_be_there(ships: Host) -> None:
    del ships.snapshot["files"][CONFIG]
    _, ((said, is_unseen),) = judged(ships)
    assert is_unseen
    assert said.startswith(CONFIG)


def test_the_hosts_own_authorities_need_no_file(ships: Host) -> None:
    """The collector of these tests names none, so there is nothing to compare."""
    assert CA not in ships.wanted.host_files
    assert judged(ships) == (State.PASSED, [])


def test_files_that_the_unit_has_not_read_yet_are_found(ships: Host) -> None:
    ships.snapshot["files"][mark("shipping")] = {"sha256": "0" * 64, "mode": 0o644, "uid": 0, "gid": 0}
    said = f"{UNIT}: its files were changed, and it hasn't been started again since."
    assert judged(ships) == (State.FAILED, [(said, False)])
