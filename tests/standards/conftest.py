"""One throw-away host, measured as it comes and again after the host phase of a deploy at ``strict``."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hosts import mark_all
from tests.standards.measure import Host, install, keep, lab_host, load, measure
from tests.standards.named import Named, load_names
from tests.standards.results import Measurement

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
GARRISON = str(ROOT / ".venv/bin/garrison")
NAME = "measured"

pytest_collection_modifyitems = mark_all(__file__, pytest.mark.live)


def garrison(*words: str) -> None:
    done = subprocess.run(
        [GARRISON, *words], cwd=ROOT, capture_output=True, text=True, timeout=1800, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--kept", action="store_true", help="judge what the last run measured, and measure nothing"
    )


@pytest.fixture(scope="session")
def host(pytestconfig: pytest.Config) -> Iterator[Host | None]:
    """A fresh host with the tools on it, gone at the end; none where what was kept is judged again."""
    if pytestconfig.getoption("--kept"):
        yield None
        return
    garrison("lab", "down", "--host", NAME)
    try:
        garrison("lab", "up", "--host", NAME, "--role", "bare")
        ssh = lab_host(NAME)
        install(ssh)
        yield ssh
    finally:
        garrison("lab", "down", "--host", NAME)


@pytest.fixture(scope="session")
def before(host: Host | None) -> Measurement:
    """What the tools say of the bare host."""
    if host is None:
        return load("before")
    found = measure(host, is_hardened=False)
    keep(found, "before")
    return found


@pytest.fixture(scope="session")
def after(host: Host | None, before: Measurement) -> Measurement:
    """What they say once it is hardened."""
    if host is None:
        return load("after")
    assert before.failed, "the bare host is to be measured first"
    garrison("deploy", str(HERE / "inventory.py"), "--phases", "host")
    found = measure(host, is_hardened=True)
    keep(found, "after")
    return found


@pytest.fixture(scope="session")
def named() -> Named:
    """What controls/deviations.yaml says of the tools' rules."""
    return load_names()
