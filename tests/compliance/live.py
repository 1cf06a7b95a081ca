"""A deployed lab host as the tests reach it: over SSH, as root, by testinfra."""

import base64
import json
import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import testinfra
from testinfra.host import Host

from garrison.evidence.checks import CHECKS, Evidence
from garrison.evidence.look import ask_snapshot, look
from garrison.plan.step import LIB, Command
from garrison.plan.wanted import Wanted
from garrison.problem import Problem
from garrison.settings import HostSettings
from garrison.snapshot.model import Snapshot

ROOT = Path(__file__).parents[2]
INVENTORY = os.environ.get("GARRISON_INVENTORY", "inventory/lab.py")
LIMIT = os.environ.get(
    "GARRISON_LIMIT", "*"
)  # a pattern, where an inventory has more hosts than the tests are for
# In a process of its own: what imports pyinfra is patched by gevent.
READ = """
import json, sys
from garrison.rollout.targets import load_targets
targets = load_targets(sys.argv[1], None, {})
print(json.dumps([[one.name, one.data] for one in targets], default=str))
"""


@dataclass(frozen=True)
class LiveHost:
    """One host of the lab, with everything its inventory says."""

    name: str
    data: dict[str, Any]
    connection: Host

    @property
    def settings(self) -> HostSettings:
        return HostSettings.from_data(self.name, self.data)

    @property
    def address(self) -> str:
        return str(self.data["ssh_hostname"])

    def ask(self, command: Command) -> str:
        """Standard output of a command that must succeed, run as root."""
        line = command.line
        if command.stdin is not None:
            line = f"echo {base64.b64encode(command.stdin.encode()).decode()} | base64 -d | {line}"
        done = self.connection.run(line)
        assert done.rc == 0, f"{command.line[:120]}: {done.stderr}"
        return str(done.stdout)

    def pipe(self, text: str, line: str) -> str:
        """The same with ``text`` of any size as standard input; an argument can't be longer than 128 KiB."""
        done = subprocess.run(self.ssh(line), input=text, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"{line}: {done.stderr}"
        return done.stdout

    def ssh(self, line: str) -> list[str]:
        """The words that run a line as root by plain ssh."""
        words = ["ssh", *shlex.split(_options(self.data)), "-i", self.data["ssh_key"]]
        return [*words, f"{self.data['ssh_user']}@{self.address}", f"sudo -n {line}"]

    def sh(self, line: str) -> str:
        """Standard output of a shell line that must succeed, run as root."""
        return self.ask(Command(line=line)).strip()

    def podman(self, *words: str) -> str:
        """The same for Podman as the stack user."""
        return self.sh(f"{LIB}/as-stack podman {shlex.join(words)}")

    def quietly(self, line: str) -> None:
        """A line that puts something back and may find nothing to do."""
        self.connection.run(line)

    def snapshot(self) -> Snapshot:
        return ask_snapshot(self.ask, self.settings)

    def look(self, canary: tuple[str, int]) -> tuple[Evidence, Wanted]:
        """Everything that there is to see, and what there should be."""
        return look(self.ask, self.settings, canaries=[canary], walks=True)

    def findings(self, check: str, wanted: Wanted) -> list[Problem]:
        """What one snapshot check finds now."""
        (judge,) = [one.judge for one in CHECKS if one.id == check]
        return judge(Evidence(snapshot=self.snapshot()), wanted)

    def replace(self, service: str, wanted: Wanted) -> None:
        """Create a service's container anew from the current release and wait until it is ready."""
        compose = f"{wanted.settings.stack_home}/current/compose.yaml"
        self.sh(f"{LIB}/replace-service {service} --compose {compose}")
        self.sh(f"{LIB}/gate {service} --deadline {wanted.catalog.services[service].health.deadline}")

    @contextmanager
    def key_of(self, client: str) -> Iterator[str]:
        """A key of that client's, which may read and is good for as long as the block runs."""
        self.quietly(f"{LIB}/keys revoke {client}")
        try:
            yield self.sh(f"{LIB}/keys add {client} --scopes read")
        finally:
            self.quietly(f"{LIB}/keys revoke {client}")

    def garrison(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The garrison command for this host alone."""
        return run_tool("garrison", *words, INVENTORY, "--limit", self.name)


def run_tool(tool: str, *words: str) -> subprocess.CompletedProcess[str]:
    """A command of the project's own virtual environment, in the checkout."""
    command = [str(Path(sys.executable).with_name(tool)), *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900)


def need_observability(live: LiveHost) -> None:
    """Leave a test out where nobody chose the profile; where somebody did, whatever of it is missing fails the test."""
    if "observability" not in live.settings.profiles:
        pytest.skip(f"{live.name} runs without the profile observability")


@cache
def live_hosts() -> tuple[LiveHost, ...]:
    """The hosts of the inventory; none when it says itself that there is none."""
    words = [sys.executable, "-c", READ, INVENTORY]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        return ()
    found = json.loads(done.stdout)
    return tuple(LiveHost(name, data, _connect(data)) for name, data in found if fnmatch(name, LIMIT))


def _connect(data: dict[str, Any]) -> Host:
    return testinfra.get_host(
        f"ssh://{data['ssh_user']}@{data['ssh_hostname']}",
        ssh_identity_file=data["ssh_key"],
        ssh_extra_args=_options(data),
        controlpersist=0,
        sudo=True,
    )


def _options(data: dict[str, Any]) -> str:
    known = shlex.quote(f"UserKnownHostsFile={data['ssh_known_hosts_file']}")
    return f"-F /dev/null -o IdentitiesOnly=yes -o {known} -o GlobalKnownHostsFile=/dev/null -o BatchMode=yes"


def own_address(towards: str) -> str:
    """The address of this machine that ``towards`` sees."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.connect((towards, 22))
        return str(link.getsockname()[0])


@contextmanager
def canary(towards: str) -> Iterator[tuple[str, int]]:
    """A listener outside of the host, on this machine."""
    with socket.create_server((own_address(towards), 0)) as server:
        yield server.getsockname()[:2]
