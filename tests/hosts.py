"""How tests come by hosts of this checkout's lab: the deployed one that they share, and throw-away ones of their own.

GARRISON_KEEP_HOSTS=1 leaves throw-away hosts up at the end and takes them as they are at the beginning.
"""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.compliance.live import LiveHost, live_hosts
from tests.faults.machine import ROOT, Machine
from tests.faults.runs import GARRISON

SHARED = os.environ.get("GARRISON_LIMIT", "lab")
KEEP = "GARRISON_KEEP_HOSTS" in os.environ


def mark_all(conftest: str, *marks: pytest.MarkDecorator) -> Callable[[list[pytest.Item]], None]:
    """A conftest's ``pytest_collection_modifyitems``: it marks every test in the folder of that file."""

    def mark(items: list[pytest.Item]) -> None:
        for item in items:
            if item.path.is_relative_to(Path(conftest).parent):
                for one in marks:
                    item.add_marker(one)

    return mark


def shared_hosts() -> list[LiveHost]:
    """The deployed host that tests share, if it is there."""
    return [host for host in live_hosts() if host.name == SHARED]


def shared_host() -> LiveHost:
    """The deployed host that tests share; whoever needs it fails where there is none."""
    found = shared_hosts()
    if not found:
        pytest.fail(f"this checkout has no lab host `{SHARED}`; `make up` makes one")
    return found[0]


def lab(*words: str) -> None:
    """A command of ``garrison lab`` that must succeed."""
    done = subprocess.run([GARRISON, "lab", *words], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr


def host(name: str) -> Iterator[Machine]:
    """A fresh host, bare for everybody else: a deploy of the lab's own inventory passes over it."""
    if not KEEP:
        lab("down", "--host", name)
    try:
        lab("up", "--host", name, "--role", "bare")
        yield Machine(name)
    finally:
        if not KEEP:
            lab("down", "--host", name)
