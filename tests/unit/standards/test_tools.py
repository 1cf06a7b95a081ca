import shutil
import subprocess

import pytest

from garrison.lab.apt import Mirrors
from tests.standards import tools

MIRRORS = Mirrors(main="http://mirror.example/debian", security=None)
PROGRAMS = {
    "install": tools.install_program(MIRRORS),
    "remove": tools.remove_program(),
    "scan": tools.scan_program(),
    "lynis": tools.lynis_program(),
    "shown": tools.shown_program(["sshd_set_max_sessions"]),
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_program_is_one_the_shell_can_read(program: str) -> None:
    shell = shutil.which("sh")
    assert shell
    done = subprocess.run([shell, "-n"], input=program, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_list_of_unstable_is_gone_again_before_anything_is_measured() -> None:
    assert 'trap \'rm -f "$list" "$pin"; apt-get -qq update\' EXIT' in PROGRAMS["install"]


def test_only_the_content_comes_from_unstable() -> None:
    assert "-t sid ssg-base ssg-debian\n" in PROGRAMS["install"]


def test_the_scanner_is_shown_what_holds_in_a_namespace_of_its_own() -> None:
    assert PROGRAMS["shown"].endswith("unshare --mount sh /root/standards/shown\n")
