"""A lab host that was hardened at the strictest level and on which everything is broken, one thing after another."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from garrison.controls.load import Controls
from garrison.evidence.look import look
from garrison.plan.step import Command
from garrison.settings import HostSettings
from tests.controls.judging import Failing, find_failing
from tests.faults.machine import Machine
from tests.faults.runs import Run, Workplace

LEVEL = "strict"


@dataclass
class Hardened:
    """``failing`` is what failed at the last look; ``control_path`` keeps one connection, whatever sshd is told."""

    machine: Machine
    workplace: Workplace
    controls: Controls
    control_path: str
    failing: Failing = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.inventory = self.workplace.inventory(self.machine, hardening=LEVEL)
        data = {**self.machine.data, "hardening": LEVEL}
        self.settings = HostSettings.from_data(self.machine.name, data)

    def deploy(self) -> Run:
        """Phase 1.1, by the command."""
        return self.workplace.deploy(self.inventory, "--phases", "host")

    def look(self) -> Failing:
        """Everything that fails now."""
        evidence, wanted = look(self.ask, self.settings, probes=False)
        self.failing = find_failing(evidence, wanted, self.controls.by_id.values())
        return self.failing

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
