"""A lab host that was hardened at the strictest level and on which everything is broken, one thing after another."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from garrison.controls.load import Controls
from garrison.evidence.checks import Evidence
from garrison.evidence.look import ask_snapshot
from garrison.plan.expect import expect
from garrison.plan.step import Command
from garrison.plan.wanted import Wanted
from garrison.settings import HostSettings
from tests.controls.judging import Failing, find_failing, is_unseen
from tests.faults.machine import Machine
from tests.faults.runs import Run, Workplace

# The strictest that an inventory can ask for.
CHANGES = {"hardening": "strict", "egress": {"to": [{"net": "192.0.2.0/24", "tcp": [443]}]}}
LONGEST = 300


@dataclass
class Hardened:
    """``failing`` is what failed at the last look; ``control_path`` keeps one connection, whatever sshd is told."""

    machine: Machine
    workplace: Workplace
    controls: Controls
    control_path: str
    failing: Failing = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.inventory = self.workplace.inventory(self.machine, **CHANGES)
        self.settings = HostSettings.from_data(self.machine.name, {**self.machine.data, **CHANGES})
        self.wanted: Wanted | None = None
        self.need_walks: frozenset[str] = frozenset()
        self.patience: float | None = None

    def deploy(self) -> Run:
        """Phase 1.1, by the command."""
        return self.workplace.deploy(self.inventory, "--phases", "host")

    def look(self, *, walks: bool = False) -> Failing:
        """Everything that fails now; without walks, what needs them too."""
        snapshot = ask_snapshot(self.ask, self.settings, walks=walks)
        self.wanted = self.wanted or expect(self.settings, snapshot)
        self.failing = find_failing(Evidence(snapshot=snapshot), self.wanted, self.controls.by_id.values())
        return self.failing

    def look_both_ways(self) -> None:
        """The first look: what is unseen only because nothing was walked is to be walked for."""
        walked = self.look(walks=True)
        quick = self.look()
        self.need_walks = frozenset(name for name in quick.keys() - walked.keys() if is_unseen(quick[name]))

    def wait_for(self, control: str) -> None:
        """Look again until it holds: a few things are made in the background. All together wait once."""
        if control in self.failing and self.patience is None:
            self.patience = time.monotonic() + LONGEST
        while control in self.failing and time.monotonic() < (self.patience or 0):
            time.sleep(3)
            self.look()

    def ask(self, command: Command) -> str:
        """Standard output of a command that must succeed, run as root."""
        ssh, *words = self.machine.argv("sh", "-c", command.line)
        keep = [
            "-o",
            "ControlMaster=auto",
            "-o",
            f"ControlPath={self.control_path}",
            "-o",
            "ControlPersist=60",
        ]
        done = subprocess.run(
            [ssh, *keep, *words],
            input=command.stdin or "",
            capture_output=True,
            text=True,
            timeout=command.timeout,
        )
        assert done.returncode == 0, f"{command.line[:200]}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout

    def sh(self, line: str) -> str:
        return self.ask(Command(line=line))


@contextmanager
def connected(machine: Machine, workplace: Workplace, controls: Controls) -> Iterator[Hardened]:
    """The host, with a connection that outlives what is done to its SSH server."""
    with tempfile.TemporaryDirectory(prefix="garrison-") as folder:
        host = Hardened(machine, workplace, controls, f"{folder}/mux")
        try:
            yield host
        finally:
            words = ["ssh", "-o", f"ControlPath={host.control_path}", "-O", "exit", machine.address]
            subprocess.run(words, capture_output=True, check=False)
