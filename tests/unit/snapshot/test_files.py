"""Files by pattern, and texts without secrets."""

import os
import pwd
from pathlib import Path

import pytest

from garrison.snapshot.parts.files import (
    describe_file,
    describe_owned,
    describe_pattern,
    group_name,
    text_of,
    user_name,
)


def test_a_pattern_finds_what_fits_with_its_owners(tmp_path: Path) -> None:
    for name in ("a.conf", "b.conf", "c.txt"):
        (tmp_path / name).touch(mode=0o640)
    found = describe_pattern(f"{tmp_path}/*.conf")
    me = pwd.getpwuid(os.getuid()).pw_name
    assert [(Path(path).name, entry["mode"], entry["user"]) for path, entry in found.items()] == [
        ("a.conf", 0o640, me),
        ("b.conf", 0o640, me),
    ]


def test_an_id_that_nobody_has_has_no_name() -> None:
    assert (user_name(3999999), group_name(3999999)) == (None, None)


def test_of_a_link_its_target_counts(tmp_path: Path) -> None:
    target, link, lost = tmp_path / "target", tmp_path / "link", tmp_path / "lost"
    target.touch(mode=0o600)
    link.symlink_to("target")
    lost.symlink_to("nowhere")
    found = describe_owned(str(link))
    assert found is not None
    assert (found["link"], found["mode"]) == ("target", 0o600)
    assert describe_owned(str(lost)) == {"link": "nowhere"}
    assert describe_owned(str(tmp_path / "absent")) is None
    assert describe_file(str(link)) == {"link": "target"}


def test_the_texts_of_a_pattern_are_one(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("two\n")
    (tmp_path / "a").write_text("one\n")
    assert text_of(f"{tmp_path}/*") == "one\n\ntwo\n"
    assert text_of(f"{tmp_path}/c*") is None


@pytest.mark.parametrize(
    "secret",
    [
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        "root:$y$j9T$abcdefghijklmnopqrstuv$0123456789:1:",
        "x $6$rounds=5000$saltsalt$abcdefghijklm",
        "password_pbkdf2 root grub.pbkdf2.sha512.10000.AB",
    ],
)
def test_a_text_with_a_secret_in_it_stays_where_it_is(tmp_path: Path, secret: str) -> None:
    file = tmp_path / "file"
    file.write_text(f"harmless\n{secret}\n")
    assert text_of(str(file)) is None


def test_a_folder_and_a_device_have_no_text(tmp_path: Path) -> None:
    assert text_of(str(tmp_path)) is None
    assert text_of("/dev/zero") is None
