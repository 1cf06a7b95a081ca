"""What sudo, sshd, login.defs and apt would do, read as they read it."""

from pathlib import Path

import pytest

from garrison.snapshot.parts.access import apt_values, asked_of_apt, login_defs, sudo, without_comment


def test_sudo_reads_its_drop_ins_in_order_and_passes_over_some(tmp_path: Path) -> None:
    folder = tmp_path / "sudoers.d"
    folder.mkdir()
    main = tmp_path / "sudoers"
    main.write_text("# mine\nDefaults use_pty\n@includedir sudoers.d\nroot ALL=(ALL) \\\n  ALL\n")
    (folder / "b").write_text("bob ALL=(ALL) NOPASSWD: ALL # for now\n")
    (folder / "a").write_text("#1000 ALL=(ALL) ALL\n")
    (folder / "c.bak").write_text("no\n")
    (folder / "d~").write_text("no\n")
    assert sudo(str(main)) == [
        f"{main}: Defaults use_pty",
        f"{folder}/a: #1000 ALL=(ALL) ALL",
        f"{folder}/b: bob ALL=(ALL) NOPASSWD: ALL",
        f"{main}: root ALL=(ALL) ALL",
    ]


def test_what_sudo_has_no_rules_for_is_unknown(tmp_path: Path) -> None:
    assert sudo(str(tmp_path / "sudoers")) is None


def test_sudo_follows_names_with_blanks_and_keeps_an_include_that_leads_nowhere(tmp_path: Path) -> None:
    main = tmp_path / "sudoers"
    main.write_text('@include "more rules"\n@include more\\ rules\n#include gone\n@includedir gone.d\n')
    (tmp_path / "more rules").write_text("bob ALL=(ALL) ALL\n")
    bob = f"{tmp_path}/more rules: bob ALL=(ALL) ALL"
    assert sudo(str(main)) == [bob, bob, f"{main}: @include {tmp_path}/gone"]


def test_a_file_of_sudo_that_includes_itself_ends_unseen(tmp_path: Path) -> None:
    main = tmp_path / "sudoers"
    main.write_text("@include sudoers\n")
    assert sudo(str(main)) == [f"{main}: @include {main}"]


def test_a_folder_among_the_drop_ins_of_sudo_is_none(tmp_path: Path) -> None:
    main = tmp_path / "sudoers"
    main.write_text("@includedir kept\nx ALL=ALL\n")
    (tmp_path / "kept" / "folder").mkdir(parents=True)
    assert sudo(str(main)) == [f"{main}: x ALL=ALL"]


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("# all", ""),
        ("Defaults x # why", "Defaults x"),
        ("#0 ALL=ALL", "#0 ALL=ALL"),
        (r"a ALL=/bin/x \#1y", r"a ALL=/bin/x \#1y"),
    ],
)
def test_a_hash_begins_a_comment_unless_it_is_an_id_or_escaped(line: str, kept: str) -> None:
    assert without_comment(line) == kept


def test_login_defs_are_words_and_their_values(tmp_path: Path) -> None:
    file = tmp_path / "login.defs"
    file.write_text('# UMASK 0\nUMASK\t\t027\n  PASS_MAX_DAYS 365\nENV "a b"\nALONE\n\n')
    assert login_defs(str(file)) == {"UMASK": "027", "PASS_MAX_DAYS": "365", "ENV": "a b"}


def test_apts_lists_have_all_their_elements() -> None:
    dump = 'A "";\nA::B "1";\nU::Origins "";\nU::Origins:: "x";\nU::Origins:: "y;\\"z";\n'
    assert apt_values(dump) == {"A": [""], "A::B": ["1"], "U::Origins": ["x", 'y;\\"z']}


def test_of_apt_only_what_was_asked_is_told() -> None:
    found = apt_values('Acquire::http::Proxy "http://anna:hunter2@proxy:3128";\nAPT::Get "1";\n')
    assert asked_of_apt(found, ["APT::Get", "APT::Not-Set"]) == {"APT::Get": ["1"], "APT::Not-Set": []}
