"""Runs of ``garrison deploy`` in a folder of their own, and what each of them must not do."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.faults.machine import ROOT, Machine
from tests.inventories import write_inventory

GARRISON = str(Path(sys.executable).with_name("garrison"))
LONGEST = 900


@dataclass(frozen=True, kw_only=True)
class Run:
    """How a run ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err

    @property
    def hosts(self) -> list[dict[str, Any]]:
        """The result of each host, of a run with --json."""
        results: list[dict[str, Any]] = json.loads(self.out)
        return results


@dataclass(frozen=True)
class Workplace:
    """A folder that commands run in: its logs and crash reports are theirs alone."""

    folder: Path
    longest: float = LONGEST

    def inventory(self, machine: Machine, **changes: Any) -> str:
        """An inventory file with that one host; what is None is left out."""
        data = {key: value for key, value in {**machine.data, **changes}.items() if value is not None}
        path = self.folder / f"inventory-{len(list(self.folder.glob('inventory-*')))}.py"
        return write_inventory(path, (machine.name, data))

    def deploy(self, *words: str, **environment: str) -> Run:
        """A whole run. There is never a crash and never a traceback."""
        with self.deploying(*words, **environment) as process:
            return self.end(process)

    @contextmanager
    def deploying(self, *words: str, **environment: str) -> Iterator["subprocess.Popen[str]"]:
        """A run that goes on."""
        pipe = subprocess.PIPE
        every = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
        # Whatever starts the tests in the background has them ignore SIGINT, and a run would inherit that.
        command = ["env", "--default-signal=INT", GARRISON, "deploy", *words]
        with subprocess.Popen(
            command, cwd=self.folder, env=every, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def end(self, process: "subprocess.Popen[str]") -> Run:
        """What a run comes to."""
        out, err = process.communicate(timeout=self.longest)
        crashes = [path.read_text() for path in self.folder.glob(".garrison/crash-*")]
        assert not crashes, crashes
        assert "Traceback" not in out + err, out + err
        return Run(code=process.returncode, out=out, err=err)

    def events(self) -> list[dict[str, Any]]:
        """Every event of every run here, in order."""
        logs = sorted(self.folder.glob(".garrison/log/*.jsonl"))
        return [json.loads(line) for log in logs for line in log.read_text().splitlines()]

    def wait_for_step(self, process: "subprocess.Popen[str]", title: str) -> None:
        """Return as soon as the run has begun a step with this title."""
        end = time.monotonic() + LONGEST
        while time.monotonic() < end and process.poll() is None:
            last = self.events()[-1:]
            if last and last[0]["event"] == "step_started" and title in last[0]["step"]:
                return
            time.sleep(0.01)
        raise AssertionError(f"no step {title!r}: {self.events()}")


def assert_refused(run: Run, *words: str) -> None:
    """The run ended with 1 and said all of this, once."""
    assert run.code == 1, run.said
    for word in words:
        assert run.err.count(word) == 1, f"{word!r} in: {run.said}"


def write_service(folder: Path, service: dict[str, Any], recipe: str) -> str:
    """A folder of services with this one, built by the lines of ``recipe``; returns the folder."""
    place = folder / "services" / str(service["name"])
    place.mkdir(parents=True)
    (place / "service.yaml").write_text(yaml.safe_dump(service, sort_keys=False))
    (place / "Containerfile").write_text(f"ARG BASE\nFROM ${{BASE}}\n{recipe}\n")
    return str(place.parent)
