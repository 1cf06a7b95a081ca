"""systemd's configuration in force, and the units that a name may stand for."""

from pathlib import Path

import pytest

from garrison.snapshot.parts.systemd import config, may_exist, units


@pytest.fixture
def folders(tmp_path: Path) -> tuple[str, ...]:
    """The host's over the packages', as /etc and /usr/lib."""
    return str(tmp_path / "etc"), str(tmp_path / "lib")


def write(folder: str, path: str, text: str) -> None:
    file = Path(folder, path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_drop_ins_are_merged_by_their_names_whatever_folder_they_lie_in(folders: tuple[str, ...]) -> None:
    write(folders[1], "x.conf", "[A]\n# K=0\nK=1\nL = 1\n[B]\nK=1\n")
    write(folders[0], "x.conf.d/20.conf", "[A]\nK=2\n")
    write(folders[1], "x.conf.d/30.conf", "[A]\nK=3\n")
    assert config("x.conf", folders) == {"A.K": "3", "A.L": "1", "B.K": "1"}


def test_a_file_of_the_host_takes_the_place_of_a_packages(folders: tuple[str, ...]) -> None:
    write(folders[1], "x.conf", "[A]\nK=1\n")
    write(folders[0], "x.conf", "[A]\nL=1\n")
    write(folders[1], "x.conf.d/20.conf", "[A]\nM=1\n")
    write(folders[0], "x.conf.d/20.conf", "")
    assert config("x.conf", folders) == {"A.L": "1"}


def test_a_value_may_go_on_in_the_next_line(folders: tuple[str, ...]) -> None:
    write(folders[0], "x.conf", "[A]\nK=a \\\n b\n;L=1\nno sense\n")
    assert config("x.conf", folders) == {"A.K": "a   b"}


def test_a_file_that_is_nowhere_sets_nothing(folders: tuple[str, ...]) -> None:
    assert config("x.conf", folders) == {}


def test_a_unit_without_a_file_is_not_asked_about() -> None:
    assert units(["no-such.service", "no-such.timer"]) == {
        name: {"load": "not-found", "enabled": "", "active": "inactive"}
        for name in ("no-such.service", "no-such.timer")
    }


def test_a_template_and_a_word_are_no_units() -> None:
    assert units(["getty@.service", "word"]) == {}


def test_a_mount_may_exist_without_a_file() -> None:
    assert may_exist("tmp.mount")
    assert not may_exist("no-such@tty1.service")
