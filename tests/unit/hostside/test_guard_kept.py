"""A guard that was kept says so, also to a login that lost the answer."""

import pytest

from tests.unit.hostside.test_guard import arm, status


def test_a_keep_whose_answer_was_lost_may_ask_again_and_the_host_knows_that_it_kept(
    guard, etc, capsys
) -> None:
    arm(guard, etc)
    guard.main(["keep", "sshd"])
    guard.main(["keep", "sshd"])
    found = status(guard, capsys)
    assert (found["armed"], found["reverted"], [one["name"] for one in found["kept"]]) == ([], [], ["sshd"])


def test_a_keep_of_an_earlier_change_proves_nothing_of_a_later_one(guard, etc, capsys) -> None:
    arm(guard, etc)
    guard.main(["keep", "sshd"])
    arm(guard, etc)
    assert status(guard, capsys)["kept"] == []
    guard.main(["revert", "sshd"])
    with pytest.raises(SystemExit, match="it was reverted at"):
        guard.main(["keep", "sshd"])


def test_a_keep_that_was_cut_off_before_it_ended_the_guard_proves_nothing_once_all_was_put_back(
    guard, etc, monkeypatch
) -> None:
    arm(guard, etc)
    with monkeypatch.context() as cut:
        cut.setattr(guard, "disarm", lambda _: None)
        guard.main(["keep", "sshd"])
    guard.main(["revert", "sshd"])
    with pytest.raises(SystemExit, match="it was reverted at"):
        guard.main(["keep", "sshd"])
