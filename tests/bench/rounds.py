"""Runs of several variants, interleaved: each once a round, so that the machine's moods meet all of them."""

import os
import resource
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROUNDS = int(os.environ.get("GARRISON_BENCH_ROUNDS", "5"))


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run: wall time, and the processor time of the controlling processes here."""

    wall: float
    cpu: float
    output: str


def interleave(variants: Mapping[str, Callable[[], Run]], rounds: int = ROUNDS) -> dict[str, list[Run]]:
    """The runs of each variant."""
    runs: dict[str, list[Run]] = {name: [] for name in variants}
    for _ in range(rounds):
        for name, variant in variants.items():
            runs[name].append(variant())
    return runs


def time_command(words: list[str], cwd: Path, env: Mapping[str, str] | None = None) -> Run:
    """Run a command that must succeed; its output is standard output and standard error together."""
    cpu, began = _children(), time.perf_counter()
    done = subprocess.run(
        words,
        cwd=cwd,
        env=None if env is None else {**os.environ, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=1800,
    )
    wall, cpu = time.perf_counter() - began, _children() - cpu
    assert done.returncode == 0, f"{words[0]} ended with {done.returncode}:\n{done.stdout[-4000:]}"
    return Run(wall=wall, cpu=cpu, output=done.stdout)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
