"""What search-journal finds in a journal, and what of it it reads again."""

import json
import os
import stat
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

KEY, OTHER = b"0a1b2c3d4e5f" * 4, b"f5e4d3c2b1a0" * 4
PEM = b"-----BEGIN PRIVATE KEY-----\n" + b"MIGH" * 16 + b"\n" + b"AgEA" * 8 + b"\n-----END PRIVATE KEY-----"
# What journalctl prints of a journal that lies in a file: an entry a line, in hex.
_PRINT = """#!/bin/sh
exec {python} -c '
import json, pathlib, sys
folder, words = pathlib.Path(sys.argv[1]), sys.argv[2:]
with (folder / "asked").open("a") as file: print(*words, file=file)
entries = [bytes.fromhex(one) for one in (folder / "entries").read_text().split()]
said = dict(one.lstrip("-").partition("=")[::2] for one in words)
begin = int(said.get("cursor", 0))
if said["output"] == "json":
    assert "--boot" in words  # the newest of all may be of another boot
    for at in range(len(entries))[-int(said["lines"]):]: print(json.dumps({{"__CURSOR": str(at)}}))
else:
    begin < 0 and sys.exit(1)
    for at, one in enumerate(entries[begin:], begin): sys.stdout.buffer.write(b"__CURSOR=%d\\n%s\\n\\n" % (at, one))
' {folder} "$@"
"""


class Journal:
    """Entries, and what was asked of them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.tool = folder, folder / "journalctl"
        self._entries = folder / "entries"
        self._entries.write_text("")
        self.tool.write_text(_PRINT.format(python=sys.executable, folder=folder))
        self.tool.chmod(0o755)

    def say(self, message: bytes, by: bytes = b"aidb") -> None:
        binary = b"MESSAGE\n" + len(message).to_bytes(8, "little") + message
        with self._entries.open("a") as file:
            file.write((b"CONTAINER_NAME=" + by + b"\n" + binary).hex() + "\n")

    def reads(self) -> list[str]:
        """From where on entries were read, search by search, since this was asked last; "" is from the first."""
        asked = self.folder / "asked"
        lines = [one.split() for one in asked.read_text().splitlines()]
        asked.unlink()
        return [one[-1].partition("--cursor=")[2] for one in lines if "--output=export" in one]


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    found = Journal(tmp_path)
    found.say(b"begun")
    found.say(b"more")
    return found


@pytest.fixture
def program(load, journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setenv("GARRISON_JOURNALCTL", str(journal.tool))
    monkeypatch.setenv("GARRISON_RUN", str(tmp_path / "run"))
    found: ModuleType = load("search-journal")
    return found


def test_what_was_searched_for_the_same_is_not_read_again(program: ModuleType, journal: Journal) -> None:
    first, size = program.search({KEY, OTHER})
    journal.say(b"something new")
    again, more = program.search({OTHER, KEY})
    assert (first, again) == ([], [])
    assert journal.reads() == ["", "1"]
    assert more > size > 0


def test_what_comes_later_is_found_and_stays_found(program: ModuleType, journal: Journal) -> None:
    program.search({KEY})
    journal.say(b"the key is " + KEY, by=b"redis")
    assert program.search({KEY})[0] == [(KEY, "redis")]
    journal.say(b"nothing")
    assert program.search({KEY})[0] == [(KEY, "redis")]
    assert journal.reads() == ["", "1", "1", "1", "1"]


def test_what_was_never_free_of_it_is_read_whole_each_time(program: ModuleType, journal: Journal) -> None:
    journal.say(KEY)
    assert program.search({KEY})[0] == program.search({KEY})[0] == [(KEY, "aidb")]
    assert journal.reads() == [""] * 4
    assert not program.NOTE.exists()


def test_another_secret_is_looked_for_in_the_whole_journal(program: ModuleType, journal: Journal) -> None:
    journal.say(OTHER)
    assert program.search({KEY})[0] == []
    assert program.search({KEY, OTHER})[0] == [(OTHER, "aidb")]


@pytest.mark.parametrize("age", [24 * 3600 + 1, -60])
def test_the_whole_is_read_again_after_a_day_and_by_a_clock_that_was_set_back(
    program: ModuleType, journal: Journal, age: int
) -> None:
    program.search({KEY})
    known = json.loads(program.NOTE.read_text())
    program.NOTE.write_text(json.dumps(known | {"since": time.time() - age}))
    _, size = program.search({KEY})
    assert journal.reads() == ["", ""]
    assert size == known["size"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"digest": "x"}', '{"cursor": "1", "since": 0}'])
def test_a_note_that_says_nothing_lets_the_whole_be_read(
    program: ModuleType, journal: Journal, text: str
) -> None:
    program.search({KEY})
    program.NOTE.write_text(text)
    program.search({KEY})
    assert journal.reads() == ["", ""]


def test_the_note_is_for_root_alone_and_says_nothing_of_what_was_sought(program: ModuleType) -> None:
    old = os.umask(0)
    try:
        program.search({KEY, PEM})
    finally:
        os.umask(old)
    assert stat.S_IMODE(program.NOTE.stat().st_mode) == 0o600
    assert set(json.loads(program.NOTE.read_text())) == {"digest", "cursor", "since", "size"}
    assert [one.name for one in program.NOTE.parent.iterdir()] == [program.NOTE.name]


@pytest.mark.parametrize(
    "needle", [bytes(range(32)), b"\0" * 9 + b"\xff\xfe\r\n" + KEY, b"\n" + KEY + b"\n", PEM]
)
def test_bytes_of_any_kind_are_found(program: ModuleType, journal: Journal, needle: bytes) -> None:
    assert program.search({OTHER, needle})[0] == []
    journal.say(b"x" + needle + b"y")
    assert program.search({OTHER, needle})[0] == [(needle, "aidb")]


def test_a_piece_of_several_lines_is_not_the_whole(program: ModuleType, journal: Journal) -> None:
    journal.say(PEM.splitlines()[1])
    assert program.search({PEM})[0] == []
    journal.say(b"later")
    assert program.search({PEM})[0] == program.search({PEM})[0] == []
    assert journal.reads() == ["", "", "2", "2", "3"]


def test_one_that_is_a_part_of_another_is_found_beside_it(program: ModuleType, journal: Journal) -> None:
    journal.say(b"<" + KEY + OTHER + b">")
    assert set(program.search({KEY, OTHER, KEY + OTHER})[0]) == {
        (needle, "aidb") for needle in (KEY, OTHER, KEY + OTHER)
    }


def test_one_that_overlaps_another_is_found_beside_it(program: ModuleType, journal: Journal) -> None:
    one, other = KEY + b"0123456789ab", b"0123456789ab" + OTHER
    journal.say(KEY + b"0123456789ab" + OTHER)
    assert set(program.search({one, other})[0]) == {(one, "aidb"), (other, "aidb")}


def test_one_is_found_within_a_line_of_another_that_is_not_there(
    program: ModuleType, journal: Journal
) -> None:
    lines = b"id: 1\nkey: " + KEY + b"\nx: 2"
    journal.say(b"key: " + KEY)
    assert program.search({lines, KEY})[0] == [(KEY, "aidb")]


def test_where_nothing_could_be_read_nothing_was_searched(program: ModuleType, journal: Journal) -> None:
    """As journalctl does with a journal that is damaged: it says nothing, and ends well."""
    program.search({KEY})
    known = program.NOTE.read_text()
    journal.tool.write_text("#!/bin/sh\n")
    assert program.search({KEY}) == ([], 0)
    assert program.NOTE.read_text() == known


def test_a_place_that_is_none_lets_the_whole_be_read(program: ModuleType, journal: Journal) -> None:
    program.search({KEY})
    known = json.loads(program.NOTE.read_text())
    program.NOTE.write_text(json.dumps(known | {"cursor": "-1"}))
    journal.say(KEY)
    assert program.search({KEY})[0] == [(KEY, "aidb")]
    assert journal.reads() == ["", "-1", "", ""]


def test_all_of_very_many_are_looked_for(program: ModuleType, journal: Journal) -> None:
    """More than a pipe holds."""
    many = {b"%064x" % number for number in range(5000)}
    journal.say(b"%064x" % 4999)
    assert program.search(many)[0] == [(b"%064x" % 4999, "aidb")]


def test_one_that_stands_across_two_pieces_is_found(
    program: ModuleType, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "CHUNK", 16)
    journal.say(b"." * 40 + KEY, by=b"qdrant")
    assert program.search({KEY})[0] == [(KEY, "qdrant")]


@pytest.mark.parametrize("tool", ["GREP", "no GREP", "journalctl", "NOTE"])
def test_what_cannot_be_searched_is_said_and_not_noted(
    program: ModuleType, journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tool: str
) -> None:
    broken = tmp_path / "broken"
    if tool == "GREP":
        broken.write_text("#!/bin/sh\ncat >/dev/null; exit 2\n")
        monkeypatch.setattr(program, "GREP", str(broken))
    elif tool == "no GREP":
        monkeypatch.setattr(program, "GREP", str(tmp_path / "nothing"))
    elif tool == "NOTE":
        monkeypatch.setattr(program, "NOTE", journal.tool / "note")
    else:
        broken.write_text(f'#!/bin/sh\ncase "$*" in *export*) exit 3;; esac\nexec {journal.tool} "$@"\n')
        monkeypatch.setattr(program.journal, "TOOL", str(broken))
    broken.touch(mode=0o755)
    broken.chmod(0o755)
    with pytest.raises(SystemExit, match="can't be searched"):
        program.search({KEY})
    assert not program.NOTE.exists()
