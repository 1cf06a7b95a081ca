"""Accounts as they are in the files: what of a password may be told, and whom NIS adds."""

from pathlib import Path
from typing import Any

import pytest

from garrison.snapshot.parts.people import accounts, groups, method

HASH = "$y$j9T$" + "a" * 22 + "$" + "b" * 43


@pytest.fixture
def people(tmp_path: Path) -> dict[str, Any]:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".netrc").touch(mode=0o600)
    (home / "notes").touch()
    passwd, shadow = tmp_path / "passwd", tmp_path / "shadow"
    passwd.write_text(
        f"root:x:0:0:root:{home}:/bin/bash\nopen:x:1:1::/nowhere:/bin/sh\nold:{'a' * 13}:2:2::/nowhere:/bin/sh\n"
        "daemon:x:3:3::/nowhere:/usr/sbin/nologin\nlost:x:4:4::/nowhere:/bin/sh\n+::::::\n"
    )
    shadow.write_text(
        f"root:{HASH}:20000:1:365:7:30::\nopen::20000:0:99999:7:::\ndaemon:*:20000:0:99999:7:::\n"
    )
    return {one["name"]: one for one in accounts(str(passwd), str(shadow))}


def test_everybody_with_an_id_is_told(people: dict[str, Any]) -> None:
    assert list(people) == ["root", "open", "old", "daemon", "lost"]


def test_of_a_password_its_state_method_and_days_are_told(people: dict[str, Any]) -> None:
    root = people["root"]
    assert (root["password"], root["hash"], root["min_days"], root["max_days"]) == ("set", "yescrypt", 1, 365)
    assert (root["inactive_days"], root["expires"]) == (30, None)
    assert HASH not in str(people)


def test_an_empty_password_is_none_and_a_star_is_locked(people: dict[str, Any]) -> None:
    assert (people["open"]["password"], people["daemon"]["password"]) == ("none", "locked")


def test_a_hash_in_passwd_itself_is_seen_and_not_told(people: dict[str, Any]) -> None:
    old = people["old"]
    assert (old["shadowed"], old["password"], old["hash"]) == (False, "set", "descrypt")


def test_who_has_no_line_in_shadow_is_unknown(people: dict[str, Any]) -> None:
    assert people["lost"]["password"] is None


def test_dot_files_are_told_of_who_may_log_in(people: dict[str, Any]) -> None:
    assert people["root"]["dot_files"][".netrc"]["mode"] == 0o600
    assert "dot_files" not in people["daemon"]


@pytest.mark.parametrize(
    ("field", "name"),
    [
        (HASH, "yescrypt"),
        ("!" + HASH, "yescrypt"),
        ("$6$salt$hash", "sha512"),
        ("$99$salt$hash", "unknown"),
        ("!", None),
        ("*", None),
        ("", None),
    ],
)
def test_a_method_is_named_even_where_the_password_is_locked(field: str, name: str | None) -> None:
    assert method(field) == name


def test_a_group_has_its_members(tmp_path: Path) -> None:
    file = tmp_path / "group"
    file.write_text("sudo:x:27:ann,bob\nempty:x:28:\n+:::\n")
    assert groups(str(file)) == [
        {"name": "sudo", "gid": 27, "members": ["ann", "bob"]},
        {"name": "empty", "gid": 28, "members": []},
    ]
