"""Names of a lab's parts."""

from pathlib import Path

import pytest

from garrison.lab.names import LabNames, check_host_name, derive_names
from garrison.problem import ProblemError

NAMES = LabNames(lab_id="0123abcd")
KERNEL_LIMIT = 15


def test_two_checkouts_never_share_a_name() -> None:
    one, other = derive_names(Path("/home/a/garrison")), derive_names(Path("/home/b/garrison"))
    assert one.bridge != other.bridge
    assert one.table != other.table
    assert one.machine("lab") != other.machine("lab")


def test_one_checkout_always_gets_the_same_names() -> None:
    assert derive_names(Path("/home/a")) == derive_names(Path("/home/a"))


def test_interface_names_fit_the_kernel() -> None:
    assert len(NAMES.bridge) <= KERNEL_LIMIT
    assert len(NAMES.veth(199)) <= KERNEL_LIMIT


def test_a_hardware_address_is_local_and_a_hosts_own() -> None:
    assert NAMES.mac(0) == "02:01:23:ab:cd:00"
    assert NAMES.mac(1) == "02:01:23:ab:cd:01"


@pytest.mark.parametrize("name", ["lab", "second", "a", "web-2", "a" * 30])
def test_a_plain_name_is_taken(name: str) -> None:
    assert check_host_name(name) == name


@pytest.mark.parametrize("name", ["", "Lab", "-x", "x-", "a b", "../x", "a" * 31, "lab.part", "1st", "a\n"])
def test_a_name_that_is_no_host_name_is_refused_with_a_remedy(name: str) -> None:
    with pytest.raises(ProblemError) as caught:
        check_host_name(name)
    assert caught.value.problems[0].id == "lab-host-name"
    assert caught.value.problems[0].remedy
