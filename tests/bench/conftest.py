"""The one lab host that is measured, as wanted already: a measurement of something else is none."""

import json
import os

import pytest

from garrison.plan.expect import expect
from garrison.plan.wanted import Wanted
from tests.bench.report import ROOT
from tests.compliance.live import LiveHost, live_hosts

HOST = os.environ.get("GARRISON_LIMIT", "lab")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "host" in getattr(item, "fixturenames", ()) and item.path.is_relative_to(ROOT / "tests" / "bench"):
            item.add_marker(pytest.mark.live)


@pytest.fixture(scope="session")
def host() -> LiveHost:
    """The deployed lab host."""
    found = [one for one in live_hosts() if one.name == HOST]
    if not found:
        pytest.fail(f"this checkout has no lab host `{HOST}`; `make up` makes one")
    run = found[0].garrison("deploy", "--dry", "--json")
    assert run.returncode == 0, run.stderr
    assert [one["changes"] for one in json.loads(run.stdout)] == [0], f"deploy first:\n{run.stderr}"
    return found[0]


@pytest.fixture(scope="session")
def wanted(host: LiveHost) -> Wanted:
    """What the host is."""
    return expect(host.settings, host.snapshot())
