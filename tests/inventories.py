"""Inventories that tests write: a host with other settings than its own, and how it gets its own back."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.compliance.live import LiveHost, run_tool


def write_inventory(path: Path, *hosts: tuple[str, Mapping[str, Any]]) -> str:
    """An inventory with these hosts, each by its name and what is said of it; returns where it is."""
    path.write_text(f"hosts = {[(name, dict(data)) for name, data in hosts]!r}\n", encoding="utf-8")
    return str(path)


@dataclass(frozen=True)
class Changed:
    """A live host, and an inventory of it that is written anew for each deploy."""

    live: LiveHost
    folder: Path

    def run(self, *words: str, **settings: Any) -> subprocess.CompletedProcess[str]:
        """A deploy with what the host's own inventory says, and these settings."""
        path = write_inventory(self.folder / "changed.py", (self.live.name, self.live.data | settings))
        return run_tool("garrison", "deploy", path, "--json", *words)

    def state(self, control: str, **settings: Any) -> str:
        """What a check says of one control by the same inventory."""
        path = write_inventory(self.folder / "changed.py", (self.live.name, self.live.data | settings))
        done = run_tool("garrison", "check", path, "--json", "--controls", control)
        (result,) = json.loads(done.stdout)["results"]
        return str(result["state"])

    def deploy(self, *words: str, **settings: Any) -> list[str]:
        """What a deploy like this had to do; it must be good."""
        done = self.run(*words, **settings)
        assert done.returncode == 0, done.stderr
        (result,) = json.loads(done.stdout)
        return list(result["planned"])


@contextmanager
def changed(live: LiveHost, folder: Path) -> Iterator[Changed]:
    """For as long as the block runs; in the end the host is as its own inventory says."""
    try:
        yield Changed(live, folder)
    finally:
        assert live.garrison("deploy").returncode == 0
