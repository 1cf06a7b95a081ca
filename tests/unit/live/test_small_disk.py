"""A small file system in a folder's place: its shell lines, tried where one may mount, in a namespace of its own."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.compliance.small_disk import FILLER, ROOM, fill_line, mount_line, resize_line, wait_until

MORE = "head -c 10 /dev/zero > 'a folder/more'"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "a folder"
    made.mkdir(mode=0o750)
    (made / "hidden").touch()
    return made


def within(folder: Path, *lines: str) -> subprocess.CompletedProcess[str]:
    """What the lines say, one after the other, until one fails; mounts are gone with them."""
    unshare = shutil.which("unshare")
    assert unshare
    words = [
        unshare,
        "--mount",
        "--map-root-user",
        "sh",
        "-c",
        " && ".join(f"{{ {line}; }}" for line in lines),
    ]
    return subprocess.run(words, cwd=folder.parent, capture_output=True, text=True, check=False)


def said(folder: Path, *lines: str) -> list[str]:
    done = within(folder, *lines)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def test_it_is_owned_and_guarded_as_the_folder_is_that_it_hides(folder: Path) -> None:
    shown = ("stat --format '%u %a' 'a folder'", "ls -A 'a folder'", "findmnt -no FSTYPE 'a folder'")
    assert said(folder, mount_line(str(folder)), *shown) == ["0 750", "tmpfs"]
    assert (folder / "hidden").exists()


@pytest.mark.parametrize(
    "before", [": > 'a folder/data'", "head -c 100000 /dev/zero > 'a folder/data'"], ids=["empty", "in use"]
)
def test_what_is_full_takes_nothing_and_keeps_what_it_has(folder: Path, before: str) -> None:
    path = str(folder)
    fill = (mount_line(path), before, fill_line(path))
    shown = "wc -c < 'a folder/data'"
    assert said(folder, *fill, shown) == said(folder, mount_line(path), before, shown)
    done = within(folder, *fill, MORE)
    assert "No space left on device" in done.stderr


def test_it_is_filled_again_where_something_was_freed(folder: Path) -> None:
    path = str(folder)
    freed = (
        "head -c 100000 /dev/zero > 'a folder/data'",
        fill_line(path),
        "rm 'a folder/data'",
        fill_line(path),
    )
    done = within(folder, mount_line(path), *freed, MORE)
    assert "No space left on device" in done.stderr


def test_what_was_emptied_takes_something_again_and_has_no_filler(folder: Path) -> None:
    path = str(folder)
    lines = (
        mount_line(path),
        fill_line(path),
        resize_line(path, ROOM),
        "head -c 9000000 /dev/zero > 'a folder/more'",
    )
    assert said(folder, *lines, "ls -A 'a folder'") == ["more"]
    assert FILLER.startswith(".filler")


def test_so_much_is_left_and_no_more(folder: Path) -> None:
    path = str(folder)
    lines = (mount_line(path), resize_line(path, "1M"), "head -c 1M /dev/zero > 'a folder/all'")
    assert said(folder, *lines) == []
    assert "No space left on device" in within(folder, *lines, MORE).stderr


def test_waiting_ends_with_the_answer_or_says_what_it_waited_for() -> None:
    answers = iter([False, True])
    wait_until(lambda: next(answers), 5, "soon")
    with pytest.raises(AssertionError, match="after 0 s not yet: rain"):
        wait_until(lambda: False, 0, "rain")
