"""An interface's own value counts, whatever all and default say."""

import pytest

from garrison.controls.load import load_controls
from garrison.controls.result import State
from garrison.plan.wanted import Wanted
from garrison.snapshot.model import Snapshot
from tests.unit.controls.making import judged
from tests.unit.controls.whole import whole_document

CONTROLS = load_controls().by_id
OF = {
    "F07": "net.ipv4.conf.*.send_redirects",
    "F08": "net.ipv4.conf.*.rp_filter",
    "F21": "net.ipv6.conf.*.accept_redirects",
    "F22": "net.ipv6.conf.*.accept_ra",
}


def verdict(
    wanted: Wanted, bare: Snapshot, control: str, told: dict[str, str | None]
) -> tuple[State, list[str]]:
    """The verdict on a control where a full machine's interfaces say this, and what was found."""
    sysctl = whole_document(CONTROLS.values())["host"]["sysctl"]
    facts = {"sysctl": sysctl | told}
    found = judged(wanted, bare, CONTROLS[control], facts=facts, level="strict", ipv6=True)[control]
    return found.state, [f"{one.where}: {one.what}" for one in found.failures]


@pytest.mark.parametrize("control", sorted(OF))
def test_interfaces_that_are_as_all_is_pass_and_loopback_is_let_be(
    control: str, wanted: Wanted, bare: Snapshot
) -> None:
    assert verdict(wanted, bare, control, {}) == (State.PASSED, [])


@pytest.mark.parametrize(
    ("control", "told", "said"),
    [
        ("F07", "all=0 eth0=1 lo=1", "net.ipv4.conf.eth0.send_redirects: it is 1, not 0."),
        ("F08", "all=1 eth0=2 lo=2", "net.ipv4.conf.eth0.rp_filter: it is 2, not 1."),
        ("F21", "all=0 eth0.5=1 eth0=0", "net.ipv6.conf.eth0/5.accept_redirects: it is 1, not 0."),
        ("F22", "all=0 eth0=2", "net.ipv6.conf.eth0.accept_ra: it is 2, not 0."),
    ],
)
def test_one_interface_that_is_otherwise_fails(
    control: str, told: str, said: str, wanted: Wanted, bare: Snapshot
) -> None:
    expected = (State.FAILED, [f"sysctl {said}"])
    assert verdict(wanted, bare, control, {OF[control]: told}) == expected


def test_of_a_filter_of_return_paths_the_greater_value_counts(wanted: Wanted, bare: Snapshot) -> None:
    told: dict[str, str | None] = {OF["F08"]: "all=1 eth0=0"}
    assert verdict(wanted, bare, "F08", told) == (State.PASSED, [])


@pytest.mark.parametrize("control", sorted(OF))
def test_interfaces_that_were_not_told_prove_nothing(control: str, wanted: Wanted, bare: Snapshot) -> None:
    assert verdict(wanted, bare, control, {OF[control]: None})[0] is State.FAILED
