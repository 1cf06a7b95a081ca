"""The truth that live checks compare the machine with."""

import json
from typing import Any

import pytest

from garrison.catalog.catalog import Catalog
from garrison.render.model import EXPECTATIONS, Release


@pytest.fixture
def expected(release: Release) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(release.files[EXPECTATIONS].content)
    return document


def test_only_the_door_listens_beyond_loopback(expected: dict[str, Any]) -> None:
    outside = {
        (each["address"], each["port"]) for each in expected["listeners"] if each["address"] != "127.0.0.1"
    }
    everywhere = ("0.0.0.0", "::")  # noqa: S104 - what the door is for
    assert outside == {(address, port) for address in everywhere for port in (8088, 8443)}


def test_every_ordered_pair_of_services_is_judged(expected: dict[str, Any], catalog: Catalog) -> None:
    assert len(expected["pairs"]) == len(catalog.services) * (len(catalog.services) - 1)


@pytest.mark.parametrize(
    ("one", "other", "declared", "connects"),
    [
        ("api", "store", True, True),
        ("store", "api", False, True),
        ("jobs", "model", False, False),
        ("api", "jobs", False, False),
        ("door", "store", False, False),
    ],
)
def test_a_pair_connects_when_it_shares_a_network(
    expected: dict[str, Any], one: str, other: str, declared: bool, connects: bool
) -> None:
    pair = next(each for each in expected["pairs"] if (each["from"], each["to"]) == (one, other))
    assert (pair["declared"], pair["connects"]) == (declared, connects)


def test_a_secret_is_read_by_the_services_own_user_alone(expected: dict[str, Any]) -> None:
    assert expected["services"]["api"]["secrets"]["model_key"] == {"uid": 10003, "gid": 10003, "mode": "0400"}


def test_an_exception_is_shown_with_its_reason(expected: dict[str, Any]) -> None:
    fetch = expected["services"]["fetch"]
    assert fetch["exceptions"] == {"writable_root": "Its browser writes beside its program."}
    assert fetch["egress"] == "It downloads the pages that people ask for."
    assert fetch["read_only"] is False
