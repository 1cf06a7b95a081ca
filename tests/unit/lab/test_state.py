"""What a lab remembers."""

import pytest

from garrison.lab.places import Places
from garrison.lab.state import LabState, Role, load_state, parse_state, save_state
from garrison.problem import ProblemError

BROKEN = {
    "half a file": '{"version": 1, "subnet": "10.9',
    "nothing": "",
    "another version": '{"version": 2, "checkout": "/x", "subnet": "10.99.7.0/24", "prefix6": "fd00::/64"}',
    "an unknown key": '{"checkout": "/x", "subnet": "10.99.7.0/24", "prefix6": "fd00::/64", "pid": 7}',
    "no network": '{"checkout": "/x", "subnet": "10.99.7.300/24", "prefix6": "fd00::/64"}',
}


def test_a_saved_state_is_read_back(places: Places, state: LabState) -> None:
    save_state(places.state_file, state)
    assert load_state(places.state_file) == state


def test_saving_leaves_nothing_beside_the_state(places: Places, state: LabState) -> None:
    save_state(places.state_file, state)
    save_state(places.state_file, state.without_host("lab"))
    assert [path.name for path in places.state_dir.iterdir()] == ["state.json"]


def test_no_file_is_no_lab(places: Places) -> None:
    assert load_state(places.state_file) is None


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_state_names_the_file_and_the_way_out(text: str) -> None:
    with pytest.raises(ProblemError) as caught:
        parse_state(text, "x/state.json")
    assert caught.value.problems[0].where == "x/state.json"
    assert "make down" in caught.value.problems[0].remedy


def test_a_new_host_gets_the_lowest_free_place(state: LabState) -> None:
    assert str(state.with_host("second", Role.STACK).ipv4("second")) == "10.99.7.11"


def test_a_host_keeps_its_place_and_role(state: LabState) -> None:
    assert state.with_host("registry", None) == state


def test_a_new_host_is_for_the_stack_unless_said_otherwise(state: LabState) -> None:
    assert state.with_host("second", None).hosts["second"].role is Role.STACK


def test_a_host_cannot_be_given_another_role(state: LabState) -> None:
    with pytest.raises(ProblemError, match="has the role bare already"):
        state.with_host("registry", Role.STACK)


def test_a_removed_host_frees_its_place(state: LabState) -> None:
    assert state.without_host("lab").with_host("other", None).hosts["other"].index == 0


def test_a_host_has_an_address_of_each_family(state: LabState) -> None:
    assert (str(state.ipv4("registry")), str(state.ipv6("registry"))) == ("10.99.7.12", "fd00:7::c")
