"""On a machine with its own kernel: a clock that is wrong, and what its kernel was told to leave off, fail."""

from typing import Any

import pytest

from garrison.controls.load import load_controls
from garrison.controls.result import State
from garrison.plan.wanted import Wanted
from garrison.snapshot.model import Snapshot
from tests.unit.controls.facts import NOTHING
from tests.unit.controls.making import judged

CONTROLS = load_controls().by_id
ON = {"load": "loaded", "enabled": "enabled", "active": "active"}
OFF = ON | {"active": "inactive"}
GOOD: dict[str, Any] = {
    "units": {
        "apparmor.service": ON,
        "auditd.service": ON,
        "systemd-timesyncd.service": ON,
        "chrony.service": OFF,
    },
    "packages": ["apparmor", "apparmor-utils", "auditd"],
    "audit": {"enabled": 1, "rules": []},
}


def verdict(wanted: Wanted, bare: Snapshot, control: str, **kernel: Any) -> tuple[State, list[str]]:
    """The verdict on a control, and what was found, where the kernel is otherwise."""
    facts = GOOD | {"kernel": NOTHING["kernel"] | kernel}
    found = judged(wanted, bare, CONTROLS[control], facts=facts)[control]
    return found.state, [one.what for one in found.failures]


@pytest.mark.parametrize("control", ["H10", "H20", "L04"])
def test_a_machine_on_which_all_is_on_passes(control: str, wanted: Wanted, bare: Snapshot) -> None:
    assert verdict(wanted, bare, control) == (State.PASSED, [])


@pytest.mark.parametrize(
    ("control", "kernel", "said"),
    [
        ("H10", {"apparmor": False}, "it is off in the kernel."),
        ("H10", {"apparmor": None}, "the kernel didn't answer."),
        ("L04", {"audit": False}, "it is off in the kernel."),
        ("L04", {"audit": None}, "the kernel didn't answer."),
        ("H20", {"synchronized": False}, "the clock isn't synchronized."),
        ("H20", {"synchronized": None}, "the kernel didn't say whether it is synchronized."),
    ],
)
def test_what_is_off_or_untold_on_it_fails(
    control: str, kernel: dict[str, Any], said: str, wanted: Wanted, bare: Snapshot
) -> None:
    assert verdict(wanted, bare, control, **kernel) == (State.FAILED, [said])


@pytest.mark.parametrize("control", ["H10", "H20", "L04"])
def test_none_of_it_is_a_containers_to_switch_on(control: str, wanted: Wanted, bare: Snapshot) -> None:
    off = {"container": "lxc", "apparmor": False, "audit": False, "synchronized": False}
    assert verdict(wanted, bare, control, **off)[0] is State.NOT_APPLICABLE


@pytest.mark.parametrize("enabled", [0, 1])
def test_audit_that_is_there_and_switched_off_fails(enabled: int, wanted: Wanted, bare: Snapshot) -> None:
    facts = GOOD | {"audit": {"enabled": enabled, "rules": []}}
    found = judged(wanted, bare, CONTROLS["L04"], facts=facts)["L04"]
    assert found.state is (State.PASSED if enabled else State.FAILED)


def test_a_machine_without_control_groups_of_the_second_version_fails(wanted: Wanted, bare: Snapshot) -> None:
    account = bare.account.model_copy(update={"controllers": ()})
    found = judged(wanted, bare, CONTROLS["R06"], controllers=(), account=account)["R06"]
    assert found.state is State.FAILED


@pytest.mark.parametrize(
    ("mode", "name", "found"),
    [
        ("enforce", "sshd", []),
        ("unconfined", "crun", []),
        ("complain", "sshd", ["it only complains."]),
        # As Debian 13's package apparmor brings it.
        ("complain", "unix-chkpwd", []),
        ("complain", "sbuild", []),
    ],
)
def test_a_profile_that_only_complains_fails_unless_debian_brings_it_so(
    mode: str, name: str, found: list[str], wanted: Wanted, bare: Snapshot
) -> None:
    state, said = verdict(wanted, bare, "H37", apparmor=True, profiles={name: mode})
    assert (state is State.FAILED, said) == (bool(found), found)
