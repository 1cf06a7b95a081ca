"""Clients' keys: shown once, kept as hashes, handed to each service that verifies them."""

import hashlib
import json
import os
import re
import stat
import time

import pytest


@pytest.fixture
def keys(load, tmp_path):
    """The program with its state in tmp_path, for a stack user whose containers' user 1 is the one who tests."""
    module = load("keys")
    module.folders.STATE, module.folders.SUBORDINATE = tmp_path / "state", tmp_path / "etc"
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "subuid").write_text(f"other:5:1\ngarrison:{os.geteuid()}:1\ngarrison:900000:10\n")
    (tmp_path / "etc" / "subgid").write_text(f"garrison:{os.getegid()}:11\n")
    (tmp_path / "home").mkdir()
    return module


@pytest.fixture
def say(keys, capsys):
    """Run one verb and return what it prints."""

    def run(*words: str) -> str:
        keys.main(list(words))
        return str(capsys.readouterr().out)

    return run


@pytest.fixture
def synced(say, tmp_path):
    say("sync", "--home", str(tmp_path / "home"), "--user", "garrison", "aidb=1")
    return tmp_path / "home" / "clients" / "aidb" / "clients.json"


def refused(say, *words: str) -> str:
    with pytest.raises(SystemExit) as error:
        say(*words)
    return str(error.value.code)


def test_a_service_gets_its_file_before_anyone_has_a_key(synced):
    assert json.loads(synced.read_text()) == {"version": 1, "clients": []}
    assert stat.S_IMODE(synced.stat().st_mode) == 0o400


def test_a_new_key_is_printed_alone_and_kept_as_a_hash(say, synced, tmp_path):
    key = say("add", "anna").removesuffix("\n")
    assert re.fullmatch("gk_[A-Za-z0-9_-]{43}", key)
    digest = hashlib.sha256(key.encode()).hexdigest()
    entry = {"id": f"k{digest[:8]}", "sha256": digest}
    clients = [{"name": "anna", "scopes": ["read", "write"], "keys": [entry]}]
    assert json.loads(synced.read_text()) == {"version": 1, "clients": clients}
    assert key not in (tmp_path / "state" / "clients.json").read_text()


def test_the_list_shows_when_a_key_was_made_but_no_hash(say):
    key = say("add", "anna", "--scopes", "read")
    listed = say("list")
    assert re.search('"created": "20[0-9]{2}-[01][0-9]-[0-3][0-9]"', listed)
    assert hashlib.sha256(key.strip().encode()).hexdigest() not in listed


def test_a_client_can_have_two_keys_and_lose_one(say, synced):
    say("add", "anna")
    first = json.loads(say("list"))[0]["keys"][0]["id"]
    say("add", "anna")
    say("revoke", "anna", "--key", first)
    left = [key["id"] for key in json.loads(synced.read_text())["clients"][0]["keys"]]
    assert len(left) == 1
    assert first not in left


def test_a_rotated_key_ends_by_itself_and_the_new_one_does_not(say, synced):
    old = hashlib.sha256(say("add", "anna", "--scopes", "read").strip().encode()).hexdigest()
    new = hashlib.sha256(say("rotate", "anna", "--overlap", "2h").strip().encode()).hexdigest()
    client = json.loads(synced.read_text())["clients"][0]
    ends = {key["sha256"]: key.get("not_after") for key in client["keys"]}
    assert client["scopes"] == ["read"]
    assert ends[new] is None
    assert 7190 < ends[old] - time.time() <= 7200


def test_a_second_rotation_lengthens_no_life(say, synced):
    say("add", "anna")
    say("rotate", "anna", "--overlap", "1m")
    say("rotate", "anna", "--overlap", "1d")
    ends = [
        key.get("not_after", 0) - time.time() for key in json.loads(synced.read_text())["clients"][0]["keys"]
    ]
    assert [end > 3600 for end in ends] == [False, True, False]
    assert 0 < ends[0] <= 60


def test_the_list_says_when_a_key_ends(say):
    say("add", "anna")
    say("rotate", "anna")
    first, second = json.loads(say("list"))[0]["keys"]
    assert re.fullmatch("20.{17}[+]00:00", first["ends"])
    assert "ends" not in second


def test_a_key_that_has_ended_is_forgotten(say, synced):
    say("add", "anna")
    say("rotate", "anna", "--overlap", "0s")
    say("add", "bob")
    assert [len(client["keys"]) for client in json.loads(synced.read_text())["clients"]] == [1, 1]


@pytest.mark.parametrize("overlap", ["1", "h", "-1h", "1y", "91d", "999999s", ""])
def test_an_overlap_of_no_length_or_without_an_end_is_a_usage_error(say, overlap):
    say("add", "anna")
    assert refused(say, "rotate", "anna", f"--overlap={overlap}") == "2"


def test_nobody_s_key_can_not_be_rotated(say):
    assert "There is: nobody." in refused(say, "rotate", "anna")


@pytest.mark.usefixtures("synced")
def test_a_client_without_a_key_is_gone(say):
    say("add", "anna")
    say("add", "bob")
    say("revoke", "anna")
    assert [client["name"] for client in json.loads(say("list"))] == ["bob"]


def test_other_scopes_are_not_given_in_passing(say):
    say("add", "anna", "--scopes", "read")
    assert "already has the scopes read" in refused(say, "add", "anna", "--scopes", "read,admin")


def test_who_is_unknown_is_answered_with_who_is_known(say):
    say("add", "anna")
    assert "There is: anna." in refused(say, "revoke", "ana")
    assert "It has: k" in refused(say, "revoke", "anna", "--key", "k0")


@pytest.mark.parametrize(
    "words",
    [
        ["add", "Anna"],
        ["add", "-x"],
        ["add", "a" * 41],
        ["add", "anna", "--scopes", "root"],
        ["revoke", "a/b"],
    ],
)
def test_a_name_or_scope_of_the_wrong_form_is_a_usage_error(say, words):
    assert refused(say, *words) == "2"


def test_a_sync_that_changes_nothing_touches_nothing(say, synced, tmp_path):
    before = synced.stat()
    say("sync", "--home", str(tmp_path / "home"), "--user", "garrison", "aidb=1")
    assert (synced.stat().st_ino, synced.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.usefixtures("synced")
def test_the_running_door_is_told_of_a_change(say, host):
    assert "kill" not in host.argv
    host.answer("ps", "f00ba4\n")
    say("add", "anna")


@pytest.mark.parametrize(
    ("file", "container_id", "host_id"),
    [
        ("subuid", 1, os.geteuid()),
        ("subuid", 2, 900000),
        ("subuid", 11, 900009),
        ("subgid", 3, os.getegid() + 2),
    ],
)
def test_ids_are_counted_through_all_ranges_of_the_user(keys, file, container_id, host_id):
    assert keys.folders.host_id(file, "garrison", container_id) == host_id


def test_an_id_beyond_the_ranges_is_refused_and_not_remembered(say, tmp_path, synced):
    words = ("sync", "--home", str(tmp_path / "home"), "--user", "garrison", "aidb=99")
    assert "no id 99" in refused(say, *words)
    say("add", "anna")
    assert json.loads(synced.read_text())["clients"][0]["name"] == "anna"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"clients": [{"name": "anna"}]}'])
def test_a_damaged_list_is_not_overwritten(say, tmp_path, content):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "clients.json").write_text(content)
    assert "is damaged" in refused(say, "add", "bob")
    assert (tmp_path / "state" / "clients.json").read_text() == content


def test_a_folder_that_is_a_link_is_never_followed(say, tmp_path):
    (tmp_path / "home" / "clients").symlink_to(tmp_path / "etc")
    refused(say, "sync", "--home", str(tmp_path / "home"), "--user", "garrison", "aidb=1")
    assert not (tmp_path / "etc" / "aidb").exists()
