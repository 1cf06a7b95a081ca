"""A run that finds everything as wanted: its wall time and its round trips, beside SSH's floor and Ansible."""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median

import pytest

from garrison.plan.wanted import Wanted
from tests.bench.ansible import Ansible, ansible_for, recap, version
from tests.bench.playbook import Kept, kept_files, make_playbook, write_sources
from tests.bench.report import ROOT, Outcome, Row, Section, keep, load_average, spread
from tests.bench.rounds import Run, interleave, time_command
from tests.compliance.live import INVENTORY, LiveHost

UNCHANGED = "unchanged: everything is as wanted."


@pytest.fixture(scope="module")
def ansible(host: LiveHost) -> Iterator[Ansible]:
    with ansible_for(host) as made:
        yield made


@pytest.fixture(scope="module")
def files(wanted: Wanted) -> list[Kept]:
    return kept_files(wanted, (ROOT / wanted.settings.ca_dir / "ca.crt").read_bytes())


@pytest.fixture(scope="module")
def playbooks(ansible: Ansible, wanted: Wanted, files: list[Kept]) -> dict[str, Path]:
    """With ``copy`` for every file, and with digests alone."""
    sources = ansible.folder / "files"
    write_sources(files, sources)
    return {
        name: ansible.write(name, make_playbook(wanted, files, sources, digests=name == "digests"))
        for name in ("copy", "digests")
    }


def test_the_peer_sees_a_file_that_differs(ansible: Ansible, wanted: Wanted, files: list[Kept]) -> None:
    """Otherwise its zero changes would mean nothing."""
    first = files[0]
    changed = [replace(first, content=first.content + b"\n")]
    sources = ansible.folder / "changed"
    write_sources(changed, sources)
    playbook = ansible.write("changed", make_playbook(wanted, changed, sources, digests=False))
    assert recap(ansible.play(playbook, "--tags", "files")) == (1, 1)


def test_a_no_op_asks_little_and_is_at_least_five_times_faster_than_ansible(
    host: LiveHost, ansible: Ansible, playbooks: dict[str, Path], files: list[Kept], tmp_path: Path
) -> None:
    """Round by round: SSH alone, both ways into Garrison, Ansible twice."""
    garrison = ["garrison", "deploy", INVENTORY, "--limit", host.name]
    pyinfra = ["pyinfra", "-y", "--limit", host.name, INVENTORY, "deploy.py"]
    before = load_average()
    sessions = {"garrison": count_sessions(garrison, tmp_path), "pyinfra": count_sessions(pyinfra, tmp_path)}
    sessions |= {name: ansible.count(playbook) for name, playbook in playbooks.items()}
    runs = interleave(
        {
            "ssh": lambda: time_command([*host.ssh("true")[:-1], "true"], ROOT),
            "garrison": lambda: unchanged(time_command(_tool(garrison), ROOT)),
            "pyinfra": lambda: nothing_done(time_command(_tool(pyinfra), ROOT, {"PYINFRA_PROGRESS": "off"})),
            "copy": lambda: no_change(ansible.play(playbooks["copy"])),
            "digests": lambda: no_change(ansible.play(playbooks["digests"])),
        }
    )
    keep(_section(runs, sessions, len(files), (before, load_average())))
    assert max(sessions["garrison"], sessions["pyinfra"]) <= 3
    assert _ratio(runs, "copy", "garrison") >= 5


def count_sessions(words: list[str], folder: Path) -> int:
    """The channels that one run opens over its SSH connection."""
    counts = folder / "sessions.json"
    counts.unlink(missing_ok=True)
    time_command([sys.executable, "-m", "tests.bench.counted", str(counts), *words], ROOT)
    return len(json.loads(counts.read_text()))


def unchanged(run: Run) -> Run:
    assert UNCHANGED in run.output, run.output[-2000:]
    return run


def nothing_done(run: Run) -> Run:
    totals = re.search(r"Grand total(.*)", run.output)
    assert totals, run.output[-2000:]
    assert set(totals[1].split()) == {"-"}, run.output[-2000:]
    return run


def no_change(run: Run) -> Run:
    assert recap(run)[1] == 0, run.output[-4000:]
    return run


def _tool(words: list[str]) -> list[str]:
    return [str(Path(sys.executable).with_name(words[0])), *words[1:]]


def _ratio(runs: dict[str, list[Run]], slow: str, fast: str) -> float:
    """Of the best runs: what others do on the machine can only make a run longer."""
    return min(run.wall for run in runs[slow]) / min(run.wall for run in runs[fast])


def _outcome(
    what: str, runs: dict[str, list[Run]], slow: str, fast: str, aim: str = "none stated"
) -> Outcome:
    middle = median(run.wall for run in runs[slow]) / median(run.wall for run in runs[fast])
    measured = f"{_ratio(runs, slow, fast):.1f} (medians: {middle:.1f})"
    return Outcome(what=what, measured=measured, aim=aim)


def _section(
    runs: dict[str, list[Run]], sessions: dict[str, int], files: int, load: tuple[float, float]
) -> Section:
    names = {
        "ssh": "`ssh host true`, new connection",
        "garrison": "`garrison deploy`",
        "pyinfra": "`pyinfra -y`",
        "copy": "Ansible tuned, `copy` for each file",
        "digests": "Ansible tuned, files by one `sha256sum`: the floor, mends nothing",
    }
    rows = []
    for name, title in names.items():
        figures = spread([run.wall for run in runs[name]])
        figures["controller CPU s"] = median(run.cpu for run in runs[name])
        rows.append(Row(what=title, figures={**figures, "SSH sessions": sessions.get(name, 1)}))
    return Section(
        id="noop",
        method=f"{files} files and all else that a deploy looks at, as wanted already; {version()}.",
        rows=tuple(rows),
        outcomes=(
            Outcome(what="round trips of a no-op", measured=str(sessions["garrison"]), aim="at most 3"),
            _outcome("Ansible with `copy` / garrison", runs, "copy", "garrison", "at least 15"),
            _outcome("Ansible with digests / garrison", runs, "digests", "garrison"),
            _outcome("garrison / `ssh host true`", runs, "garrison", "ssh"),
        ),
        load=load,
    )
