"""A faultless host with the fixture catalog's stack on it, to be spoiled."""

import pytest

from garrison.plan.wanted import Wanted
from tests.unit.evidence.conftest import Host, wanted

__all__ = ["wanted"]


@pytest.fixture
def host(wanted: Wanted) -> Host:
    host = Host(wanted)
    host.snapshot["current"] = {"link": "releases/1"}
    return host
