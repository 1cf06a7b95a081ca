"""A host with the fixture catalog's stack on it, of which controls are judged."""

import pytest

from garrison.plan.wanted import Wanted
from garrison.snapshot.model import Snapshot
from tests.unit.evidence.conftest import Host, wanted
from tests.unit.evidence.synthetic import host_document

__all__ = ["wanted"]


@pytest.fixture
def bare(wanted: Wanted) -> Snapshot:
    """What was recorded, without facts of the host itself."""
    return Snapshot.parse(host_document(wanted))


@pytest.fixture
def host(wanted: Wanted) -> Host:
    return Host(wanted)
