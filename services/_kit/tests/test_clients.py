"""The clients' file: what it must be, who it lets in, how it changes."""

import hashlib
import json
import os
import time
from pathlib import Path

import pytest
from garrison_kit.clients import ALL_SCOPES, ClientKeys, ClientsError, presented_key
from hypothesis import given
from hypothesis import strategies as st

GOOD_KEY = {"id": "k1", "sha256": hashlib.sha256(b"gk_reader").hexdigest()}


def document(**changes: object) -> str:
    client = {"name": "anna", "scopes": ["read"], "keys": [GOOD_KEY]}
    return json.dumps({"version": 1, "clients": [{**client, **changes}]})


# name: (content, what the message names)
MALFORMED = {
    "empty": ("", "document"),
    "not JSON": ("{", "document"),
    "not UTF-8": (b"\xff\xfe", "document"),
    "other version": ('{"version": 2, "clients": []}', "version"),
    "no clients": ('{"version": 1}', "clients"),
    "unknown field": ('{"version": 1, "clients": [], "admin": true}', "admin"),
    "unknown scope": (document(scopes=["root"]), "clients.0.scopes.0"),
    "name with a space": (document(name="an na"), "clients.0.name"),
    "short hash": (document(keys=[{"id": "k", "sha256": "ab"}]), "clients.0.keys.0.sha256"),
    "upper-case hash": (document(keys=[{"id": "k", "sha256": "A" * 64}]), "clients.0.keys.0.sha256"),
    "key in the clear": (document(keys=[{"id": "k", "key": "gk_x"}]), "clients.0.keys.0"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_file_stops_the_service_and_is_named(tmp_path: Path, case: str) -> None:
    content, named = MALFORMED[case]
    path = tmp_path / "clients.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ClientsError, match=rf"{path} is malformed at {named}"):
        ClientKeys(path)


def test_a_key_ends_when_its_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "clients.json"
    for until, is_known in ((None, True), (int(time.time()) + 60, True), (int(time.time()) - 1, False)):
        path.write_text(document(keys=[{**GOOD_KEY, "not_after": until}]))
        assert (ClientKeys(path).identify("gk_reader", None) is not None) == is_known


def test_each_service_that_the_file_names_has_keys_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "clients.json"
    hashes = {name: hashlib.sha256(name.encode()).hexdigest() for name in ("aidb-old", "aidb-new")}
    keys = [{"id": name, "sha256": digest} for name, digest in hashes.items()]
    path.write_text(json.dumps({**json.loads(document()), "services": [{"name": "aidb", "keys": keys}]}))
    known = ClientKeys(path)
    for key in hashes:
        found = known.identify(None, f"Bearer {key}", "anna")
        assert found is not None
        assert (found.name, found.via_door) == ("anna", True)
    assert known.identify(None, "Bearer gk_other", "anna") is None


def test_a_missing_file_stops_the_service(tmp_path: Path) -> None:
    with pytest.raises(ClientsError, match=r"clients\.json cannot be read: No such file"):
        ClientKeys(tmp_path / "clients.json")


def test_a_directory_in_its_place_stops_the_service(tmp_path: Path) -> None:
    with pytest.raises(ClientsError, match="cannot be read: Is a directory"):
        ClientKeys(tmp_path)


def test_several_keys_of_one_client_are_valid_at_once(clients_file: Path) -> None:
    keys = ClientKeys(clients_file)
    for key in ("gk_writer", "gk_new"):
        found = keys.identify(key, None)
        assert found is not None
        assert (found.name, found.scopes) == ("bert", {"read", "write"})


def test_a_malformed_new_file_leaves_the_old_keys_valid(clients_file: Path) -> None:
    keys = ClientKeys(clients_file)
    clients_file.write_text("{")
    assert keys.identify("gk_reader", None) is not None


def test_a_vanished_file_leaves_the_old_keys_valid(clients_file: Path) -> None:
    keys = ClientKeys(clients_file)
    clients_file.unlink()
    assert keys.identify("gk_reader", None) is not None


def test_a_withdrawn_key_stops_working(clients_file: Path) -> None:
    keys = ClientKeys(clients_file)
    clients_file.write_text('{"version": 1, "clients": []}')
    assert keys.identify("gk_reader", None) is None


def test_a_changed_file_is_in_force_when_it_is_looked_at_again(clients_file: Path) -> None:
    often, seldom = ClientKeys(clients_file, look_seconds=0.0), ClientKeys(clients_file, look_seconds=3600.0)
    assert seldom.identify("gk_reader", None)
    clients_file.write_text(document(keys=[]))
    assert seldom.identify("gk_reader", None), "the file is asked for too often"
    assert often.identify("gk_reader", None) is None


def test_the_same_size_and_time_in_a_new_inode_is_noticed(clients_file: Path, tmp_path: Path) -> None:
    keys, status = ClientKeys(clients_file), clients_file.stat()
    other = tmp_path / "other"
    other.write_text(clients_file.read_text().replace('"anna"', '"zora"'))
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(clients_file)
    found = keys.identify("gk_reader", None)
    assert found is not None
    assert found.name == "zora"


@pytest.mark.parametrize(
    ("x_client", "name", "scopes", "via_door"),
    [
        (None, "service", ALL_SCOPES, False),
        ("", "service", ALL_SCOPES, False),
        ("anna", "anna", {"read"}, True),
        ("bert", "bert", {"read", "write"}, True),
    ],
)
def test_behind_the_service_key_a_client_has_its_own_scopes(
    clients_file, x_client, name, scopes, via_door
) -> None:
    found = ClientKeys(clients_file, "service-key").identify(None, "Bearer service-key", x_client)
    assert found is not None
    assert (found.name, found.scopes, found.via_door) == (name, scopes, via_door)


@pytest.mark.parametrize("x_client", ["carla", "x" * 65, "a\nb"])
def test_a_client_that_the_list_does_not_have_is_nobody_behind_the_service_key(
    clients_file, x_client
) -> None:
    assert ClientKeys(clients_file, "service-key").identify(None, "Bearer service-key", x_client) is None


@pytest.mark.parametrize(
    ("x_api_key", "authorization", "key"),
    [
        ("a", "Bearer b", "a"),
        (None, "Bearer b", "b"),
        (None, "bearer  b ", "b"),
        ("", "Bearer b", "b"),
        (None, "Basic b", None),
        (None, "b", None),
        (None, "Bearer", None),
        (None, None, None),
    ],
)
def test_the_key_is_found_in_either_header(x_api_key, authorization, key) -> None:
    assert presented_key(x_api_key, authorization) == key


@given(st.one_of(st.none(), st.text()), st.one_of(st.none(), st.text()), st.one_of(st.none(), st.text()))
def test_no_header_whatever_raises_or_lets_a_stranger_in(a, b, c) -> None:
    keys = _KEYS
    if presented_key(a, b) not in ("gk_reader", "service-key"):
        assert keys.identify(a, b, c) is None


_FOLDER = Path(__file__).parent / "data"
_KEYS = ClientKeys(_FOLDER / "clients.json", "service-key")
