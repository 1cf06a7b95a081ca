"""The full machine as the tests reach it: over SSH, as root and as the stack user."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from garrison.lab.lab import Lab
from garrison.lab.vm import argv, machine
from garrison.lab.vm.places import VmPlaces
from garrison.lab.vm.state import VmState
from garrison.plan.step import LIB

ROOT = Path(__file__).parents[2]
GARRISON = str(ROOT / ".venv/bin/garrison")
INVENTORY = "inventory/vm.py"
SLOW_S = 900


@dataclass(frozen=True, kw_only=True)
class Machine:
    """The running machine."""

    lab: Lab
    state: VmState

    def ssh(self, command: list[str]) -> list[str]:
        """The command that runs ``command`` there as the user who deploys."""
        places = VmPlaces(lab=self.lab.places)
        return argv.ssh_argv(places.ssh_key, places.known_hosts, self.state.ssh_port, command)

    def run(self, program: str) -> subprocess.CompletedProcess[str]:
        """Run the shell program ``program`` as root."""
        return subprocess.run(
            self.ssh(["sudo", "sh", "-s"]),
            input=f"{{\n{program}\n}} </dev/null\n",
            capture_output=True,
            text=True,
            timeout=SLOW_S,
            check=False,
        )

    def sh(self, program: str) -> str:
        """Standard output of a shell program that must succeed, run as root."""
        done = self.run(program)
        assert done.returncode == 0, f"{program}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout.strip()

    def as_stack(self, command: str) -> str:
        """Standard output of a command that must succeed, run as the stack user."""
        return self.sh(f"{LIB}/as-stack {command}")

    def reboot(self) -> None:
        """Reboot it and wait until it is ready again."""
        machine.reboot(self.lab, self.state)


def garrison(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the real command line."""
    return subprocess.run(
        [GARRISON, *words], cwd=ROOT, capture_output=True, text=True, timeout=4 * SLOW_S, check=False
    )
