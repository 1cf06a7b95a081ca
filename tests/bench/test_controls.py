"""All controls of one host: beside SSH's floor, the same checks one by one through testinfra, and goss."""

import json
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import testinfra
import yaml
from testinfra.host import Host

from garrison.cli.choose import choose
from garrison.controls.deviations import load_deviations
from garrison.controls.load import load_controls
from garrison.evidence.checks import Evidence
from garrison.plan.question import ask_about
from garrison.plan.wanted import Wanted
from garrison.snapshot.model import Snapshot
from garrison.snapshot.program import pack
from tests.bench.host_checks import Check, comparable
from tests.bench.host_peers import holds, write_gossfile
from tests.bench.report import ROOT, Outcome, Row, Section, keep, load_average, spread
from tests.bench.rounds import Run, interleave, time_command
from tests.compliance.live import INVENTORY, LiveHost
from tests.controls.judging import find_failing

CONTROLS = load_controls()
DEVIATIONS = load_deviations(CONTROLS.by_id)
UNPROBED = [name for name in CONTROLS.by_id if not choose(name, CONTROLS, DEVIATIONS).needs_probes]
GOSSFILE = "/run/garrison-goss.yaml"
GARRISON = str(Path(sys.executable).with_name("garrison"))


@pytest.fixture(scope="module")
def checks(host: LiveHost) -> tuple[Check, ...]:
    facts = host.snapshot().host
    assert facts is not None
    return comparable(CONTROLS.by_id.values(), facts)


@pytest.fixture(scope="module")
def shared(host: LiveHost, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """testinfra over one connection that stays open: the best it can do over SSH."""
    path = tmp_path_factory.getbasetemp() / "mux"
    known = shlex.quote(f"UserKnownHostsFile={host.data['ssh_known_hosts_file']}")
    extra = (
        f"-F /dev/null -o IdentitiesOnly=yes -o {known} -o GlobalKnownHostsFile=/dev/null -o BatchMode=yes"
    )
    yield testinfra.get_host(
        f"ssh://{host.data['ssh_user']}@{host.address}",
        ssh_identity_file=host.data["ssh_key"],
        ssh_extra_args=f"{extra} -o ControlMaster=auto -o ControlPath={path} -o ControlPersist=120",
        controlpersist=0,
        sudo=True,
    )
    subprocess.run(["ssh", "-o", f"ControlPath={path}", "-O", "exit", host.address], capture_output=True)


@pytest.fixture(scope="module")
def goss(host: LiveHost, checks: tuple[Check, ...]) -> Iterator[str]:
    """goss on the host, with the same checks in its own words; taken away again."""
    host.sh("DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends -y goss")
    host.pipe(yaml.safe_dump(write_gossfile(checks)), f"sh -c 'cat >{GOSSFILE}'")
    yield f"goss -g {GOSSFILE} validate --format json"
    host.quietly(f"rm -f {GOSSFILE}; DEBIAN_FRONTEND=noninteractive apt-get -qq purge -y goss")


def test_the_peers_find_what_the_controls_find(
    checks: tuple[Check, ...], shared: Host, host: LiveHost, goss: str
) -> None:
    """Otherwise their times would be those of something else; a check that can't hold is seen by both."""
    assert len(checks) >= 150
    assert [one for one in checks if not holds(one, shared)] == []
    assert json.loads(host.sh(f"{goss} || true"))["summary"]["failed-count"] == 0
    wrong = [Check(kind="sysctl", subject="net.ipv4.ip_forward", value=("7",))]
    assert not holds(wrong[0], shared)
    host.pipe(yaml.safe_dump(write_gossfile(wrong)), "sh -c 'cat >/run/garrison-goss-wrong.yaml'")
    told = host.sh("goss -g /run/garrison-goss-wrong.yaml validate --format json || true")
    assert json.loads(told)["summary"]["failed-count"] == 1


def test_all_controls_cost_little_more_than_a_login(
    checks: tuple[Check, ...], shared: Host, host: LiveHost, wanted: Wanted, goss: str
) -> None:
    """Round by round: SSH alone, Garrison without and with walks, testinfra, goss."""
    before = load_average()
    names = ",".join(UNPROBED)
    look = [GARRISON, "check", INVENTORY, "--limit", host.name, "--controls", names, "--json"]
    runs = interleave(
        {
            "ssh": lambda: time_command([*host.ssh("true")[:-1], "true"], ROOT),
            "look": lambda: look_and_judge(host, wanted, walks=False),
            "look with walks": lambda: look_and_judge(host, wanted, walks=True),
            "quick": lambda: judged([*look, "--quick"]),
            "walks": lambda: judged(look),
            "goss": lambda: time_command(host.ssh(f"sh -c '{goss} >/dev/null; true'"), ROOT),
            "testinfra": lambda: one_by_one(checks, shared),
        }
    )
    keep(_section(runs, len(checks), (before, load_average())))
    assert _best(runs, "testinfra") / _best(runs, "quick") >= 3


def look_and_judge(host: LiveHost, wanted: Wanted, *, walks: bool) -> Run:
    """What the command does once it runs: one connection, one question, all controls that its answer decides."""
    began, cpu = time.perf_counter(), time.process_time()
    question = ask_about(host.settings, walks=walks)
    answer = host.pipe(pack(), f"python3 -I - {shlex.quote(question)}")
    evidence = Evidence(snapshot=Snapshot.parse(json.loads(answer)))
    failing = find_failing(evidence, wanted, CONTROLS.by_id.values())
    return Run(wall=time.perf_counter() - began, cpu=time.process_time() - cpu, output=" ".join(failing))


def judged(words: list[str]) -> Run:
    """One run of the command, which ends with 1 where a control fails and still judges all of them."""
    run = time_command(["sh", "-c", f"{shlex.join(words)}; test $? -lt 2"], ROOT)
    assert re.search(r'"exit": [01]\b', run.output), run.output[-2000:]
    return run


def one_by_one(checks: tuple[Check, ...], host: Host) -> Run:
    began, cpu = time.perf_counter(), time.process_time()
    held = sum(holds(one, host) for one in checks)
    run = Run(wall=time.perf_counter() - began, cpu=time.process_time() - cpu, output=str(held))
    assert held == len(checks)
    return run


def _best(runs: dict[str, list[Run]], name: str) -> float:
    """What others do on the machine can only make a run longer."""
    return min(run.wall for run in runs[name])


def _section(runs: dict[str, list[Run]], checks: int, load: tuple[float, float]) -> Section:
    names = {
        "ssh": "`ssh host true`, new connection",
        "look": f"look and judge, {len(UNPROBED)} controls, in a program that runs already",
        "look with walks": "the same with the walks through whole file systems",
        "quick": f"`garrison check --quick`, {len(UNPROBED)} controls",
        "walks": "`garrison check`, with the walks",
        "goss": f"goss over SSH, {checks} checks",
        "testinfra": f"testinfra one by one over one shared connection, {checks} checks",
    }
    rows = tuple(
        Row(what=title, figures=spread([run.wall for run in runs[name]])) for name, title in names.items()
    )
    floor = _best(runs, "ssh")

    def ratio(slow: str, fast: str) -> str:
        return f"{_best(runs, slow) / _best(runs, fast):.1f}"

    return Section(
        id="controls",
        method=f"each a whole run from here; the peers' {checks} checks all hold, and a wrong one is seen.",
        rows=rows,
        outcomes=(
            Outcome(
                what="quick, beyond the floor",
                measured=f"{_best(runs, 'quick') - floor:.2f} s",
                aim="at most 1.5 s",
            ),
            Outcome(
                what="with walks, beyond the floor",
                measured=f"{_best(runs, 'walks') - floor:.2f} s",
                aim="at most 5 s",
            ),
            Outcome(
                what="look and judge, beyond the floor",
                measured=f"{_best(runs, 'look') - floor:.2f} s",
                aim="at most 1.5 s",
            ),
            Outcome(
                what="the same with walks",
                measured=f"{_best(runs, 'look with walks') - floor:.2f} s",
                aim="at most 5 s",
            ),
            Outcome(
                what="testinfra / garrison check", measured=ratio("testinfra", "quick"), aim="at least 10"
            ),
            Outcome(
                what="testinfra / look and judge", measured=ratio("testinfra", "look"), aim="at least 10"
            ),
            Outcome(what="goss / garrison check", measured=ratio("goss", "quick"), aim="at least 1"),
            Outcome(what="goss / look and judge", measured=ratio("goss", "look"), aim="at least 1"),
        ),
        load=load,
    )
