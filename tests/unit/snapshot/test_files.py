"""Files by pattern, and texts without secrets."""

import os
import pwd
from pathlib import Path

import pytest

from garrison.snapshot.parts import files
from garrison.snapshot.parts.files import (
    LONGEST_TEXT,
    describe_file,
    describe_owned,
    describe_pattern,
    group_name,
    texts_of,
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
    every, none = f"{tmp_path}/*", f"{tmp_path}/c*"
    assert texts_of([every, none]) == {"texts": {every: "one\n\ntwo\n", none: None}, "texts_withheld": []}


@pytest.mark.parametrize(
    "secret",
    [
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        "root:$y$j9T$abcdefghijklmnopqrstuv$0123456789:1:",
        "x $6$rounds=5000$saltsalt$abcdefghijklm",
        "password_pbkdf2 root grub.pbkdf2.sha512.10000.AB",
        "http_proxy=http://anna:hunter2@proxy:3128",
    ],
)
def test_a_text_with_a_secret_in_it_stays_where_it_is(tmp_path: Path, secret: str) -> None:
    file = tmp_path / "file"
    file.write_text(f"harmless\n{secret}\n")
    assert texts_of([str(file)]) == {"texts": {str(file): None}, "texts_withheld": [str(file)]}


@pytest.mark.parametrize(
    "content", [b"caf\xe9\n", b"a" * (LONGEST_TEXT + 1), "é".encode() * (LONGEST_TEXT // 2 + 1)]
)
def test_what_could_not_be_written_back_as_it_is_is_withheld(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    assert texts_of([str(file)]) == {"texts": {str(file): None}, "texts_withheld": [str(file)]}


def test_of_a_pattern_it_is_told_that_one_file_is_withheld(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one\n")
    (tmp_path / "b").write_bytes(b"caf\xe9\n")
    pattern = f"{tmp_path}/*"
    assert texts_of([pattern]) == {"texts": {pattern: "one\n"}, "texts_withheld": [pattern]}


def test_a_file_that_cannot_be_opened_is_withheld(tmp_path: Path) -> None:
    path = tmp_path / "loop"
    path.symlink_to("loop")
    assert texts_of([str(path)])["texts_withheld"] == [str(path)]


def test_a_folder_and_a_device_have_no_text(tmp_path: Path) -> None:
    paths = [str(tmp_path), "/dev/zero", str(tmp_path / "absent")]
    assert texts_of(paths) == {"texts": dict.fromkeys(paths), "texts_withheld": []}


@pytest.mark.parametrize("secret", ["anna:hunter2", "anna:hunter/2", "anna:hunter@2", "hunter2token"])
def test_sources_are_told_without_their_passwords(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    file = tmp_path / "sources.list"
    monkeypatch.setattr(files, "SOURCES", str(file))
    line = "deb [signed-by=/k.gpg] https://{}mirror/debian trixie main\n"
    file.write_text(line.format(f"{secret}@"))
    assert texts_of([str(file)]) == {"texts": {str(file): line.format("")}, "texts_withheld": []}


def test_nothing_that_is_told_without_its_passwords_is_ever_written_back() -> None:
    hardening = Path(__file__).parents[3] / "garrison" / "hardening"
    assert not [one.name for one in hardening.glob("*.py") if files.SOURCES in one.read_text()]
