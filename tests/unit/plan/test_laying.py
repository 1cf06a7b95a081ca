"""What was changed by hand is kept before it is overwritten, by the shell that runs on the host."""

import shlex
import stat
import subprocess
from pathlib import Path

import pytest

from garrison.plan.laying import KEPT, archive, lay_line, withdraw_line
from garrison.plan.step import lay_files

MOTD = "/etc/motd"
OURS = {MOTD: (0o644, b"ours\n")}
NEWER = {MOTD: (0o644, b"newer\n")}


class Machine:
    """A root folder that files are laid in by the real shell, tar and cmp."""

    def __init__(self, folder: Path) -> None:
        self.root, self.state = folder / "root", folder / "state"
        self.motd = self.root / "etc" / "motd"
        self.root.mkdir()

    def lay(self, files: dict[str, tuple[int, bytes]], *, remember: bool = True) -> None:
        line = lay_line(remember=remember, root=str(self.root), state=str(self.state))
        subprocess.run(["sh", "-c", line], input=archive(files), text=True, check=True)

    def withdraw(self, *paths: str) -> None:
        line = withdraw_line(paths, root=str(self.root), state=str(self.state))
        subprocess.run(["sh", "-c", line], check=True)

    @property
    def kept(self) -> list[str]:
        """What the kept files say, oldest first."""
        found = sorted(path for path in (self.state / "edits").rglob("*") if path.is_file())
        return [path.read_text() for path in found]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_file_is_laid_with_its_mode(machine: Machine) -> None:
    machine.lay({"/usr/lib/x": (0o755, b"#!/bin/sh\n")})
    laid = machine.root / "usr" / "lib" / "x"
    assert laid.read_text() == "#!/bin/sh\n"
    assert stat.S_IMODE(laid.stat().st_mode) == 0o755
    assert stat.S_IMODE(laid.parent.stat().st_mode) & 0o055


def test_a_file_is_replaced_and_never_written_into(machine: Machine) -> None:
    """Whoever has the old one open reads it to its end, and a link leads nowhere any more."""
    machine.lay(OURS)
    with machine.motd.open() as reader:
        machine.lay(NEWER)
        assert reader.read() == "ours\n"
    target = machine.root / "target"
    target.write_text("not ours\n")
    machine.motd.unlink()
    machine.motd.symlink_to(target)
    machine.lay(NEWER)
    assert (target.read_text(), machine.motd.read_text()) == ("not ours\n", "newer\n")


def test_files_are_written_out_before_they_take_their_place(machine: Machine, tmp_path: Path) -> None:
    """Told by a sync that notes what it was asked for, and what was in place by then."""
    machine.lay(OURS)
    tools = tmp_path / "tools"
    tools.mkdir()
    note = (
        f'#!/bin/sh\nshift; printf "%s " "$@" "$(cat etc/motd)" >>{tmp_path}/told; echo >>{tmp_path}/told\n'
    )
    (tools / "sync").write_text(note)
    (tools / "sync").chmod(0o755)
    line = lay_line(remember=False, root=str(machine.root), state=str(machine.state))
    path = {"PATH": f"{tools}:/usr/bin:/bin"}
    subprocess.run(["sh", "-c", line], input=archive(NEWER), text=True, check=True, env=path)
    told = (tmp_path / "told").read_text().splitlines()
    assert told == ["etc/.motd.dpkg-tmp ours ", "etc newer "]


def test_nothing_that_was_begun_stays(machine: Machine) -> None:
    machine.lay(OURS | {"/top": (0o600, b""), "/usr/lib/a b": (0o755, b"x")})
    left = [path.name for path in machine.root.rglob("*") if path.is_file()]
    assert sorted(left) == ["a b", "motd", "top"]
    assert stat.S_IMODE((machine.root / "top").stat().st_mode) == 0o600


def test_what_we_laid_ourselves_is_no_edit(machine: Machine) -> None:
    machine.lay(OURS)
    machine.lay(NEWER)
    assert machine.motd.read_text() == "newer\n"
    assert machine.kept == []


def test_an_edit_is_kept_before_it_is_overwritten(machine: Machine) -> None:
    machine.lay(OURS)
    machine.motd.write_text("by hand\n")
    machine.lay(NEWER)
    assert machine.motd.read_text() == "newer\n"
    assert machine.kept == ["by hand\n"]


def test_what_was_there_before_us_is_kept_too(machine: Machine) -> None:
    machine.motd.parent.mkdir()
    machine.motd.write_text("theirs\n")
    machine.lay(OURS)
    assert machine.kept == ["theirs\n"]


def test_an_edit_that_says_what_we_want_needs_no_keeping(machine: Machine) -> None:
    machine.lay(OURS)
    machine.motd.write_text("newer\n")
    machine.lay(NEWER)
    assert machine.kept == []


def test_where_nothing_is_remembered_an_edit_is_kept_all_the_same(machine: Machine) -> None:
    machine.lay(OURS, remember=False)
    machine.motd.write_text("by hand\n")
    machine.lay(OURS, remember=False)
    assert machine.kept == ["by hand\n"]
    assert not list((machine.state / "laid").iterdir())


def test_only_root_reads_what_is_kept(machine: Machine) -> None:
    machine.motd.parent.mkdir()
    machine.motd.write_text("theirs\n")
    machine.lay(OURS)
    (kept,) = [path for path in (machine.state / "edits").rglob("*") if path.is_file()]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert {stat.S_IMODE((machine.state / name).stat().st_mode) for name in ("edits", "laid")} == {0o700}


def test_a_link_is_not_followed(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("not yours\n")
    machine.motd.parent.mkdir()
    machine.motd.symlink_to(tmp_path / "secret")
    machine.lay(OURS)
    assert machine.kept == []
    assert machine.motd.read_text() == "ours\n"
    assert (tmp_path / "secret").read_text() == "not yours\n"


def test_only_the_last_edits_stay(machine: Machine) -> None:
    edits = machine.state / "edits"
    for number in range(KEPT + 3):
        old = edits / f"20250101T0000{number:02}Z" / "etc"
        old.mkdir(parents=True)
        (old / "motd").write_text(f"{number}\n")
    machine.motd.parent.mkdir()
    machine.motd.write_text("by hand\n")
    machine.lay(OURS)
    assert len(list(edits.iterdir())) == KEPT
    assert machine.kept[-1] == "by hand\n"
    assert machine.kept[0] == "4\n"


def test_what_is_withdrawn_is_gone_and_an_edit_of_it_kept(machine: Machine) -> None:
    machine.lay(OURS)
    machine.motd.write_text("by hand\n")
    machine.withdraw(MOTD, "/etc/never")
    assert not machine.motd.exists()
    assert not (machine.state / "laid" / "etc" / "motd").exists()
    assert machine.kept == ["by hand\n"]


def test_an_edit_that_cannot_be_kept_is_not_overwritten(machine: Machine) -> None:
    machine.lay(OURS)
    machine.motd.write_text("by hand\n")
    (machine.state / "edits").rmdir()
    (machine.state / "edits").write_text("in the way\n")
    with pytest.raises(subprocess.CalledProcessError):
        machine.lay(NEWER)
    assert machine.motd.read_text() == "by hand\n"


def test_nothing_is_left_lying_about(machine: Machine) -> None:
    machine.lay(OURS)
    (machine.state / "laying.crashed").mkdir()
    machine.lay(NEWER)
    assert not list(machine.state.glob("laying.*"))


def test_the_stack_user_s_files_are_unpacked_by_the_stack_user() -> None:
    (unpack,) = lay_files("lay", "why", OURS, as_stack_user=True).commands
    words = shlex.split(unpack.line)  # type: ignore[union-attr]
    assert words[-1] == "/usr/local/lib/garrison/as-stack"
