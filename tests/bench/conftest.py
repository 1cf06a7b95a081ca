"""The one lab host that is measured, as wanted already: a measurement of something else is none."""

import json

import pytest

from garrison.plan.expect import expect
from garrison.plan.wanted import Wanted
from tests.bench.report import ROOT
from tests.compliance.live import LiveHost
from tests.hosts import shared_host


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "host" in getattr(item, "fixturenames", ()) and item.path.is_relative_to(ROOT / "tests" / "bench"):
            item.add_marker(pytest.mark.live)


@pytest.fixture(scope="session")
def host() -> LiveHost:
    """The deployed lab host."""
    found = shared_host()
    run = found.garrison("deploy", "--dry", "--json")
    assert run.returncode == 0, run.stderr
    assert [one["changes"] for one in json.loads(run.stdout)] == [0], f"deploy first:\n{run.stderr}"
    return found


@pytest.fixture(scope="session")
def wanted(host: LiveHost) -> Wanted:
    """What the host is."""
    return expect(host.settings, host.snapshot())
