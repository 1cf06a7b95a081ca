"""The deployed host as the tests of walls see it."""

import ipaddress
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from garrison.evidence.asking import ask_pairs
from garrison.evidence.look import ask_snapshot
from garrison.evidence.networks import find_networks
from garrison.evidence.pairs import find_pairs
from garrison.evidence.probes import Pairs
from garrison.evidence.walls import find_fallen
from garrison.plan.expect import expect
from garrison.plan.stack import plan_stack
from garrison.plan.step import LIB, Command
from garrison.plan.wanted import Wanted
from garrison.problem import Problem
from garrison.settings import HostSettings
from tests.faults.machine import Machine
from tests.faults.runs import Run, Workplace
from tests.walls.catalog import OPEN, PROFILE, SHUT


def outer_address(machine: Machine) -> str:
    """The lab's own side of the network that its hosts are on."""
    return str(next(ipaddress.ip_network(f"{machine.address}/24", strict=False).hosts()))


@dataclass
class Site:
    """``pairs`` and ``wanted`` are those of the last look."""

    machine: Machine
    workplace: Workplace
    services: Path
    pairs: Pairs | None = None
    wanted: Wanted | None = None
    networks: list[Problem] = field(default_factory=list)

    @property
    def settings(self) -> HostSettings:
        """Those of the small services alone: a door is nothing to these tests."""
        said = {"services_dirs": [str(self.services)], "profiles": [PROFILE]}
        return HostSettings.from_data(self.machine.name, {**self.machine.data, **said})

    def prepare(self) -> Run:
        """Phase 1.1, by the command."""
        return self.workplace.deploy(self.workplace.inventory(self.machine), "--phases", "host")

    def start(self) -> int:
        """What phase 2.1 plans for the small services, done step by step; returns how many steps there were."""
        snapshot = ask_snapshot(self.ask, self.settings)
        plan = plan_stack(snapshot, expect(self.settings, snapshot))
        for step in plan.steps:
            for command in step.commands:
                assert isinstance(command, Command), step.title
                self.ask(command)
        return len(plan.steps)

    def ask(self, command: Command) -> str:
        """Standard output of a command that must succeed, run as root."""
        done = subprocess.run(
            self.machine.argv("sh", "-c", command.line),
            input=command.stdin or "",
            capture_output=True,
            text=True,
            timeout=900,
        )
        assert done.returncode == 0, f"{command.line[:200]}: {done.stderr[-2000:]}"
        return done.stdout

    def look(self) -> tuple[Pairs, Wanted]:
        """The whole matrix, tried now, with both ports of the listener outside."""
        snapshot = ask_snapshot(self.ask, self.settings)
        self.wanted = expect(self.settings, snapshot)
        outside = outer_address(self.machine)
        self.pairs = ask_pairs(self.ask, self.wanted, [(outside, OPEN), (outside, SHUT)])
        self.networks = find_networks(snapshot, self.wanted)
        return self.pairs, self.wanted

    def findings(self) -> list[str]:
        """The ids and places of all that is found of pairs, walls and networks, but for unproven canaries."""
        pairs, wanted = self.look()
        found = [*find_pairs(pairs, wanted), *find_fallen(pairs, wanted), *self.networks]
        return sorted({f"{one.id} {one.where}" for one in found if not one.id.endswith(".unproven")})

    def pid(self, service: str) -> int:
        return int(self.machine.podman("inspect", f"garrison-{service}", "--format", "{{.State.Pid}}"))

    def inside(self, service: str, line: str) -> str:
        """A shell line in the network namespace of a service's container."""
        return self.machine.sh(f"nsenter --net=/proc/{self.pid(service)}/ns/net sh -c '{line}'")

    def drop_walls(self, *services: str) -> None:
        """Takes walls down until the timer or a refresh puts them up again; the timer is held meanwhile."""
        self.machine.sh("systemctl stop garrison-walls.timer")
        for service in services:
            self.inside(service, "nft delete table inet garrison")

    def refresh(self) -> None:
        self.machine.sh(f"{LIB}/wall refresh && systemctl start garrison-walls.timer")
