"""A host with the door alone: renewals are about nothing else, and the rest of the stack would only take its time.

GARRISON_KEEP_HOSTS=1 leaves it up at the end and takes it as it is at the beginning.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.certs.load import Load
from tests.certs.pebble import Pebble, acme_server
from tests.faults.machine import ROOT, Machine
from tests.faults.runs import GARRISON, Run, Workplace
from tests.hosts import host, mark_all

LIB = "/usr/local/lib/garrison"
PARTS = ("garrison", "tasks", "templates", "controls", "inventory")
SERVICES = ("base", "nginx", "_kit", "tree.sh")
PHASES = ("--phases", "host,network,tls")

pytest_collection_modifyitems = mark_all(__file__, pytest.mark.live, pytest.mark.full)


@dataclass(frozen=True)
class Served:
    """The host, and runs of Garrison for it from a project whose only service is the door."""

    machine: Machine
    project: Path
    authority: Path

    def deploy(self, *words: str, **changes: Any) -> Run:
        workplace = Workplace(self.project)
        inventory = workplace.inventory(self.machine, **{"ca_dir": str(self.authority)} | changes)
        return workplace.deploy(inventory, *PHASES, *words, PYTHONPATH=str(self.project))

    def cert(self, verb: str, **changes: Any) -> Run:
        """`garrison cert`, as people call it."""
        with self.certing(verb, **changes) as process:
            out, err = process.communicate(timeout=900)
        assert "Traceback" not in out + err, out + err
        return Run(code=process.returncode, out=out, err=err)

    def certing(self, verb: str, **changes: Any) -> "subprocess.Popen[str]":
        """The same, while it goes on."""
        inventory = Workplace(self.project).inventory(
            self.machine, **{"ca_dir": str(self.authority)} | changes
        )
        pipe, every = subprocess.PIPE, {**os.environ, "PYTHONPATH": str(self.project)}
        words = [GARRISON, "cert", verb, inventory]
        return subprocess.Popen(words, cwd=self.project, env=every, stdout=pipe, stderr=pipe, text=True)

    def by_acme(self, pebble: Pebble, **acme: Any) -> dict[str, Any]:
        """What the inventory says for this server."""
        said = {"directory": pebble.directory, "email": "ops@garrison.test", "timeout": 60} | acme
        known = self.machine.data["extra_ca_certificates"]
        return {
            "extra_ca_certificates": [*known, *pebble.trusted],
            "server_names": [self.machine.data["server_names"][0]],
            "tls": {"mode": "acme", "acme": said},
        }

    def renew(self) -> str:
        """What the timer runs, though nothing is due; what it said."""
        return self.machine.sh(f"{LIB}/tls-renew --now 2>&1 || true")

    def status(self) -> dict[str, Any]:
        """What the host says of its certificates."""
        found: dict[str, Any] = json.loads(self.machine.sh("/usr/local/lib/garrison/tls-status"))
        return found

    def load(self, cafile: Path | None = None) -> Load:
        """Clients that trust the fleet's CA, or another."""
        name = str(self.machine.data["server_names"][0])
        return Load(self.machine.address, name, str(cafile or self.authority / "ca.crt"))


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("door-alone")
    ignored = shutil.ignore_patterns("__pycache__", "group_data")  # that is about the checkout's own lab
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part, ignore=ignored)
    for part in SERVICES:
        source, target = ROOT / "services" / part, folder / "services" / part
        target.parent.mkdir(exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    for machine in host("certs"):
        found = Served(machine, folder, folder / "ca")
        run = found.deploy()
        assert run.code == 0, run.said
        yield found


@pytest.fixture(scope="session")
def acme(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pebble]:
    """An ACME server for the host, not yet started."""
    gateway = served.machine.sh("ip -4 route show default | awk '{print $3}'")
    with acme_server(tmp_path_factory.mktemp("pebble"), gateway, served.machine.address) as made:
        yield made
