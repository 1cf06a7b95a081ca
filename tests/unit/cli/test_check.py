"""Bad input and hosts that give no answer end ``garrison check`` with 2, and say what is wrong."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

UNREACHABLE = """\
lab = [("nobody", {"ssh_hostname": "127.0.0.1", "ssh_port": 1, "ssh_user": "x", "server_names": ("nobody.test",)})]
"""
EXPIRED = """\
waivers:
  - {host: "*", check: S06, reason: It is only a test., owner: anna, expires: 2020-01-01}
"""


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    path = tmp_path / "inventory.py"
    path.write_text(UNREACHABLE)
    return path


def check(inventory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    garrison = Path(sys.executable).with_name("garrison")
    return subprocess.run(
        [str(garrison), "check", str(inventory), *words], cwd=inventory.parent, capture_output=True, text=True
    )


def test_a_host_that_gives_no_answer_ends_with_2_and_is_in_every_report(inventory: Path) -> None:
    folder = inventory.parent / "out"
    run = check(inventory, "--json", "--junit", str(folder / "j.xml"), "--sarif", str(folder / "s.json"),
                "--html", str(folder / "p.html"), "--save", str(folder / "b.json"))  # fmt: skip
    assert run.returncode == 2, run.stderr
    (host,) = json.loads(run.stdout)["hosts"]
    assert (host["answered"], host["problems"][0]["id"]) == (False, "host.unreachable")
    assert all("be reached over SSH" in path.read_text() for path in folder.iterdir())
    assert len(list(folder.iterdir())) == 4


def test_an_expired_waiver_is_told_though_no_host_answers(inventory: Path) -> None:
    (inventory.parent / "waivers.yaml").write_text(EXPIRED)
    run = check(inventory)
    assert run.returncode == 2
    assert "the waiver of S06 for * ended on 2020-01-01" in " ".join(run.stdout.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--publish", "--controls", "S06"), "--publish tells of all controls"),
        (("--controls", "Z99"), "no control is called 'Z99'"),
        (("--level", "paranoid"), "'paranoid' is not one of"),
        (("--against", "nowhere.json"), "nowhere.json"),
        (("--canary", "here"), "ADDRESS:PORT"),
        (("--jobs", "0"), "--jobs"),
        (("--limit", "other"), "no host matches"),
    ],
)
def test_bad_words_end_with_2_before_any_host_is_asked(
    inventory: Path, words: tuple[str, ...], said: str
) -> None:
    run = check(inventory, *words)
    assert run.returncode == 2
    assert said in run.stderr
    assert "nobody" not in run.stderr.replace("Hosts: nobody", "")


@pytest.mark.parametrize(
    ("waivers", "said"),
    [
        (EXPIRED.replace("reason: It is only a test., ", ""), "reason"),
        (EXPIRED.replace(", expires: 2020-01-01", ""), "expires"),
        (EXPIRED.replace("S06", "S066"), "S066"),
        ("waivers: [", "waivers.yaml:"),
    ],
    ids=["no reason", "no date", "an unknown control", "no YAML"],
)
def test_a_faulty_waiver_ends_with_2(inventory: Path, waivers: str, said: str) -> None:
    (inventory.parent / "waivers.yaml").write_text(waivers)
    run = check(inventory, "--json")
    assert run.returncode == 2
    assert said in run.stderr
    assert json.loads(run.stdout)["exit"] == 2


def test_a_file_that_cannot_be_written_ends_with_2(inventory: Path) -> None:
    run = check(inventory, "--junit", str(inventory / "j.xml"))
    assert run.returncode == 2
    assert "--junit" in run.stderr
