"""The line that puts a small file system in a folder's place, tried where one may: in a namespace of its own."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.compliance.small_disk import mount_line, wait_until


def test_the_new_one_is_owned_and_guarded_as_the_folder_was(tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    folder.mkdir(mode=0o750)
    (folder / "hidden").touch()
    unshare = shutil.which("unshare")
    assert unshare
    quoted = f"'{folder}'"
    line = f"{mount_line(str(folder), '1M')} && stat --format '%u %a' {quoted} && ls -A {quoted} && df -m {quoted}"
    words = [unshare, "--mount", "--map-root-user", "sh", "-c", line]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    owner, *rest = done.stdout.splitlines()
    assert owner == "0 750"
    assert rest[-1].split()[:2] == ["tmpfs", "1"]
    assert (folder / "hidden").exists()


def test_waiting_ends_with_the_answer_or_says_what_it_waited_for() -> None:
    answers = iter([False, True])
    wait_until(lambda: next(answers), 5, "soon")
    with pytest.raises(AssertionError, match="after 0 s not yet: rain"):
        wait_until(lambda: False, 0, "rain")
