"""The deployed lab host, a client's key of its own, and the load."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from garrison.plan.step import LIB
from tests.compliance.live import LiveHost
from tests.hosts import mark_all, shared_host
from tests.rotation.load import Load, Place

CLIENT = "rotation"

pytest_collection_modifyitems = mark_all(__file__, pytest.mark.live)


@pytest.fixture(scope="session")
def host() -> LiveHost:
    """The deployed lab host."""
    return shared_host()


@pytest.fixture
def place(host: LiveHost, root: Path) -> Place:
    """Where the door is, and whom it is certified by: that changes from test to test."""
    return Place(url=f"https://{host.address}:8443", authority=root / host.settings.ca_dir / "ca.crt")


@pytest.fixture
def key(host: LiveHost) -> Iterator[str]:
    """A client's key, revoked in the end."""
    yield host.sh(f"{LIB}/keys add {CLIENT} --scopes read,write").strip()
    host.quietly(f"{LIB}/keys revoke {CLIENT}")


@pytest.fixture
def load(place: Place, key: str) -> Iterator[Load]:
    """Requests of every kind, one after the other, for as long as the test runs."""
    with Load(place, key) as running:
        yield running
