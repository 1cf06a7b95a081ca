"""What a container or a file that somebody made otherwise looks like: the release's own with more laid over it."""

import pytest

from garrison.controls.load import load_controls
from garrison.controls.model import Remade
from tests.compliance.breaking import edit, lay_over, swapped

RELEASE = {"name": "garrison", "services": {"a": {"user": "1:1", "caps": ["ALL"]}, "b": {"user": "2:2"}}}


@pytest.mark.parametrize(
    ("said", "but", "both"),
    [
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}}, {"a": {"b": 1, "c": 3}}),
        ({"a": ["x"]}, {"a": ["y"]}, {"a": ["x", "y"]}),
        ({"a": 1, "b": 2}, {"a": None}, {"b": 2}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": None}}, {"a": {"c": 2}}),
        ({}, {"a": ["y"]}, {"a": ["y"]}),
    ],
)
def test_what_is_laid_over_merges_grows_and_takes_away(said, but, both):
    assert lay_over(said, but) == both


def test_one_service_is_said_otherwise_and_no_other():
    edited = edit(RELEASE, Remade(service="a", but={"caps": None, "user": "0:0"}))
    assert edited == RELEASE | {"services": {"a": {"user": "0:0"}, "b": {"user": "2:2"}}}
    assert RELEASE["services"]["a"] == {"user": "1:1", "caps": ["ALL"]}


def test_an_edit_that_finds_nothing_to_edit_fails():
    assert swapped("tickets off; x", {"tickets off": "tickets on"}) == "tickets on; x"
    with pytest.raises(AssertionError, match="nothing says 'tickets off'"):
        swapped("tickets on", {"tickets off": "tickets on"})


def test_what_is_done_to_a_host_stands_beside_a_fault_of_a_recorded_one():
    """Each control that a test breaks on a deployed stack can be seen to fail without one, too."""
    ways = [one.broken_by for one in load_controls().by_id.values() if one.broken_by]
    assert all(way.spoilt and way.on == "stack" for way in ways if way.remade or way.edited)
