"""The door's check of keys, by the door's own nginx: which lists it takes, which keys, and from when."""

import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.compliance.alone import Alone
from tests.compliance.live import LiveHost

KEY, OTHER = (f"gk_{secrets.token_urlsafe(32)}" for _ in range(2))
HASH = hashlib.sha256(KEY.encode()).hexdigest()
NOBODY, KNOWN = {" api:8091"}, {"one api:8091"}


def listing(*keys: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"version": 1, "clients": [{"name": "one", "scopes": ["read"], "keys": list(keys)}], **more}


def named(name: Any) -> dict[str, Any]:
    return {"version": 1, "clients": [{"name": name, "keys": []}]}


GOOD = listing({"sha256": HASH})
EMPTY = {"version": 1, "clients": []}
BAD = {
    "nothing": ("", "this is not JSON"),
    "half of it": (json.dumps(GOOD)[:-9], "this is not JSON"),
    "more behind it": (json.dumps(GOOD) + "x", "this is not JSON"),
    "a word": ('"x"', "this is not JSON"),
    "another version": ({**GOOD, "version": 2}, "version is not 1"),
    "no clients": ({"version": 1}, "clients is not a list"),
    "clients by name": ({"version": 1, "clients": {"one": {}}}, "clients is not a list"),
    "a client that is none": ({"version": 1, "clients": [None]}, "a client has no proper name"),
    "a capital letter": (named("One"), "a client has no proper name"),
    "a long name": (named("a" * 41), "a client has no proper name"),
    "a name of two lines": (named("one\n"), "a client has no proper name"),
    "a name in a list": (named(["one"]), "a client has no proper name"),
    "keys by id": (
        {"version": 1, "clients": [{"name": "one", "keys": {"a": 1}}]},
        "keys of one is not a list",
    ),
    "no hash": (listing({}), "a key of one has no sha256"),
    "a short hash": (listing({"sha256": HASH[1:]}), "a key of one has no sha256"),
    "a hash in capitals": (listing({"sha256": "A" * 64}), "a key of one has no sha256"),
    "half a second": (listing({"sha256": HASH, "not_after": 1.5}), "a key of one ends at no time"),
    "a date": (listing({"sha256": HASH, "not_after": "2026"}), "a key of one ends at no time"),
    "an end of null": (listing({"sha256": HASH, "not_after": None}), "a key of one ends at no time"),
    "a key twice": (listing({"sha256": HASH}, {"sha256": HASH}), "a key of one is there twice"),
    "beside a word": ({**GOOD, "beside": "x"}, "beside is no table"),
    "beside a path": ({**GOOD, "beside": {"api": "a/b"}}, "a service has no proper place"),
    "beside nobody": ({**GOOD, "beside": {"API": "next"}}, "a service has no proper place"),
}


@pytest.fixture(scope="module")
def container(live: LiveHost) -> Iterator[Alone]:
    made = Alone(live)
    made.make()
    yield made
    made.remove()


@pytest.fixture
def door(container: Alone) -> Iterator[Alone]:
    """Serving, with a list of one good key."""
    container.put(GOOD)
    assert container.start() == ""
    yield container
    container.stop()


@pytest.mark.parametrize("fault", BAD)
def test_nginx_does_not_start_with_a_list_that_is_no_good_and_says_why(container: Alone, fault: str) -> None:
    content, why = BAD[fault]
    container.put(content)
    said = container.start()
    container.stop()
    assert f"/run/clients/clients.json: {why}" in said


def test_nginx_does_not_start_without_a_list(container: Alone) -> None:
    container.run("rm -f /run/clients/clients.json")
    assert "/run/clients/clients.json: No such file or directory" in container.start()


def test_a_key_is_known_either_way_and_whoever_has_none_is_nobody(door: Alone) -> None:
    assert door.ask(f"X-API-Key: {KEY}") == KNOWN
    assert door.ask(f"Authorization: Bearer {KEY}") == KNOWN
    assert door.ask(f"authorization: bearer  {KEY}") == KNOWN
    assert door.ask("X-API-Key;", f"Authorization: Bearer {KEY}") == KNOWN
    assert door.ask() == NOBODY


@pytest.mark.parametrize(
    "headers",
    [
        (f"X-API-Key: {OTHER}",),
        (f"X-API-Key: {OTHER}", f"Authorization: Bearer {KEY}"),
        (f"X-API-Key: {KEY}", f"X-API-Key: {KEY}"),
        (f"X-API-Key: {KEY}x",),
        (f"X-API-Key: {KEY[:-1]}",),
        (f"X-API-Key: {HASH}",),
        (f"Authorization: {KEY}",),
        (f"Authorization: Basic {KEY}",),
        (f"Authorization: Bearer {KEY} x",),
    ],
    ids=[
        "another",
        "the wrong one first",
        "twice",
        "longer",
        "shorter",
        "its hash",
        "bare",
        "Basic",
        "and more",
    ],
)
def test_what_is_no_known_key_is_nobody(door: Alone, headers: tuple[str, ...]) -> None:
    assert door.ask(*headers) == NOBODY


def test_a_replaced_list_holds_from_the_next_request_for_every_worker(door: Alone) -> None:
    for _ in range(3):
        door.put(EMPTY)
        assert door.ask(f"X-API-Key: {KEY}") == NOBODY
        door.put(GOOD)
        assert door.ask(f"X-API-Key: {KEY}") == KNOWN
    assert door.said() == []


def test_a_key_ends_by_itself(door: Alone) -> None:
    door.put(listing({"sha256": HASH, "not_after": int(time.time()) + 3600}))
    assert door.ask(f"X-API-Key: {KEY}") == KNOWN
    door.put(listing({"sha256": HASH, "not_after": int(time.time()) - 3600}))
    assert door.ask(f"X-API-Key: {KEY}") == NOBODY


def test_while_a_list_is_no_good_the_last_good_one_holds_and_it_is_said_once(door: Alone) -> None:
    door.put({**GOOD, "version": 2})
    assert door.ask(f"X-API-Key: {KEY}") == KNOWN
    (line,) = door.said()
    assert "keys not taken over, the earlier ones stay in force" in line
    assert "version is not 1" in line
    assert door.is_outdated()
    door.run("rm /run/clients/clients.json")
    assert door.ask(f"X-API-Key: {KEY}") == KNOWN
    assert len(door.said()) == 2
    assert door.is_outdated()
    door.put(EMPTY)
    assert door.ask(f"X-API-Key: {KEY}") == NOBODY
    assert not door.is_outdated()


def test_a_list_that_is_no_good_does_not_bring_an_earlier_one_back(door: Alone) -> None:
    """Neither for a worker that never saw the last good one, nor when nginx reads its configuration again."""
    door.put(EMPTY)
    door.run("curl -s http://127.0.0.1:8000/")
    door.put("")
    assert door.ask(f"X-API-Key: {KEY}") == NOBODY
    door.run("kill -HUP $(cat /tmp/pid); sleep 1")
    assert door.ask(f"X-API-Key: {KEY}") == NOBODY
    assert door.run("curl -so /dev/null -w '%{http_code}' http://127.0.0.1:8000/healthz") == "200"


def test_a_service_is_found_beside_itself_while_the_list_says_so(door: Alone) -> None:
    door.put({**GOOD, "beside": {"api": "garrison-api-next"}})
    assert door.ask(f"X-API-Key: {KEY}") == {"one garrison-api-next:8091"}
    door.put({**GOOD, "beside": {"another": "garrison-another-next"}})
    assert door.ask(f"X-API-Key: {KEY}") == KNOWN
