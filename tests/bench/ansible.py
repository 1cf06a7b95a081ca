"""Ansible as somebody who cares for its speed sets it up, in a virtual environment of its own."""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.bench.playbook import REMOTE
from tests.bench.report import ROOT
from tests.bench.rounds import Run, time_command
from tests.compliance.live import LiveHost

VENV = ROOT / ".venv-bench"
CONFIG = """
[defaults]
forks = 20
gathering = explicit
interpreter_python = /usr/bin/python3
host_key_checking = True
retry_files_enabled = False
remote_tmp = {remote}
[connection]
pipelining = True
[ssh_connection]
pipelining = True
control_path = {folder}/%%C
ssh_args = -F /dev/null -o ControlMaster=auto -o ControlPersist=600s -o PreferredAuthentications=publickey
"""
# Counts what it is asked to connect for, then is ssh.
COUNTING = '#!/bin/sh\necho . >> "{counts}"\nexec {ssh} "$@"\n'
RECAP = re.compile(r"ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)")


@dataclass(frozen=True, kw_only=True)
class Ansible:
    """One host, one folder with configuration, inventory and playbooks."""

    folder: Path
    data: dict[str, Any]

    def play(self, playbook: Path, *words: str, env: dict[str, str] | None = None) -> Run:
        """Run a playbook from a cold start: the shared connection of the run before is closed first.

        In check mode: a host that is measured must stay as it is, even when somebody changes it meanwhile. Where
        nothing differs it is the same work: ``copy`` asks for the mode only after two digests differed.
        """
        self.close()
        command = [
            str(VENV / "bin" / "ansible-playbook"),
            "-i",
            str(self.folder / "hosts.json"),
            "--check",
            *words,
        ]
        settings = {
            "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
            "ANSIBLE_HOME": str(self.folder / "home"),
            "LC_ALL": "C.UTF-8",
            "PYTHONWARNINGS": "ignore",
        }
        return time_command([*command, str(playbook)], self.folder, settings | (env or {}))

    def count(self, playbook: Path) -> int:
        """How often a run starts ssh: each start is at least one round trip."""
        counts, program = self.folder / "counts", self.folder / "ssh"
        counts.write_text("")
        program.write_text(COUNTING.format(counts=counts, ssh=shutil.which("ssh")))
        program.chmod(0o755)
        run = self.play(playbook, env={"ANSIBLE_SSH_EXECUTABLE": str(program)})
        assert recap(run)[1] == 0, run.output[-4000:]
        return len(counts.read_text().split())

    def write(self, name: str, plays: list[dict[str, Any]]) -> Path:
        """A playbook; JSON is YAML."""
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(plays, indent=1), encoding="utf-8")
        return path

    def close(self) -> None:
        """End the shared connection, where there is one."""
        target = f"{self.data['ssh_user']}@{self.data['ssh_hostname']}"
        for path in self.folder.iterdir():
            if path.is_socket():
                words = ["ssh", "-F", "/dev/null", "-o", f"ControlPath={path}", "-O", "exit", target]
                subprocess.run(words, capture_output=True, check=False)


@contextmanager
def ansible_for(host: LiveHost) -> Iterator[Ansible]:
    """Ansible set up for one host; its folder has a short path, for a socket's can't be long."""
    if not (VENV / "bin" / "ansible-playbook").is_file():
        pytest.fail(f"there is no {VENV.name}; `make bench` makes it")
    data = host.data
    with tempfile.TemporaryDirectory(prefix="gb-", dir="/tmp") as temporary:
        folder = Path(temporary)
        (folder / "ansible.cfg").write_text(CONFIG.format(folder=folder, remote=REMOTE))
        known = f"-o UserKnownHostsFile={data['ssh_known_hosts_file']} -o GlobalKnownHostsFile=/dev/null"
        variables = {
            "ansible_host": data["ssh_hostname"],
            "ansible_user": data["ssh_user"],
            "ansible_ssh_private_key_file": data["ssh_key"],
            "ansible_ssh_common_args": f"{known} -o IdentitiesOnly=yes",
        }
        (folder / "hosts.json").write_text(json.dumps({"all": {"hosts": {host.name: variables}}}))
        ansible = Ansible(folder=folder, data=data)
        try:
            yield ansible
        finally:
            ansible.close()
            host.quietly(f"rm -rf {REMOTE} {REMOTE}-stack")


def recap(run: Run) -> tuple[int, int]:
    """How many tasks were fine, and how many of them changed something; neither failed nor unreachable is any."""
    found = RECAP.search(run.output)
    assert found, run.output[-2000:]
    ok, changed, *bad = map(int, found.groups())
    assert bad == [0, 0], run.output[-2000:]
    return ok, changed


def version() -> str:
    """Of ansible-core."""
    words = [str(VENV / "bin" / "python"), "-c", "import ansible.release as r; print(r.__version__)"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
    return f"ansible-core {done.stdout.strip()}, Python {sys.version_info.major}.{sys.version_info.minor}"
