"""Each file in fixtures/bad_controls is a folder of controls with a fault and, below dashes, what is said of it."""

import re
from pathlib import Path

import pytest

from garrison.controls.deviations import load_deviations
from garrison.controls.load import load_controls
from garrison.problem import ProblemError

ROOT = Path(__file__).parents[3]
FAULTS = sorted((ROOT / "tests/fixtures/bad_controls").glob("*.txt"))
LINE = "----------\n"
SOUND = """id: S06
title: Root does not log in over SSH
level: baseline
severity: high
why: Who logs in by name can be told from others.
standards:
  CIS Debian 13 v1.0.0: ["5.1.21"]
holds:
  - {kind: sshd, option: PermitRootLogin, value: "no"}
failure: sshd -T says permitrootlogin yes.
broken_by:
  live: echo 'PermitRootLogin yes' >/etc/ssh/sshd_config.d/000-broken.conf
"""


def unpack(text: str, folder: Path) -> None:
    """``== PATH`` begins a file; ``== PATH < old > new`` is the sound control with one thing replaced."""
    for part in re.split(r"^== ", text, flags=re.MULTILINE)[1:]:
        head, _, content = part.partition("\n")
        name, _, change = head.partition(" < ")
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if change:
            old, _, new = change.partition(" > ")
            assert old in SOUND
            content = SOUND.replace(old, new.replace("\\n", "\n"))
        path.write_text(content)


def load(folder: Path) -> None:
    controls = load_controls(folder)
    load_deviations(controls.by_id, folder / "deviations.yaml")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda path: path.stem)
def test_a_fault_is_reported_with_line_and_remedy(
    fault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, update: bool
) -> None:
    files, _, expected = fault.read_text().partition(LINE)
    unpack(files, tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ProblemError) as raised:
        load(tmp_path)
    assert all(problem.what and problem.remedy for problem in raised.value.problems)
    said = "".join(f"{problem}  [{problem.id}]\n" for problem in raised.value.problems)
    if update:
        fault.write_text(f"{files}{LINE}{said}")
    assert said == expected or update


def test_the_sound_control_is_sound(tmp_path: Path) -> None:
    unpack(f"== access/S06-root.yaml\n{SOUND}", tmp_path)
    assert list(load_controls(tmp_path).by_id) == ["S06"]


def test_every_kind_of_problem_has_a_fault() -> None:
    source = "".join(path.read_text() for path in (ROOT / "garrison/controls").rglob("*.py"))
    kinds = set(re.findall(r'"((?:controls|deviations)\.[a-z-]+)"', source)) - {"deviations.yaml"}
    kinds |= {f"controls.unknown-{kind}" for kind in re.findall(r'_unknown\("(\w+)"', source)}
    said = "".join(path.read_text() for path in FAULTS)
    assert {kind for kind in kinds if f"[{kind}]" not in said} == {"controls.folder"}


def test_a_folder_that_isnt_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="there is no such folder of controls"):
        load_controls(tmp_path / "gone")
