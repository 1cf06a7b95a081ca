"""The deployed lab host, a client's key of its own, and the load."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from garrison.plan.step import LIB
from tests.compliance.live import LiveHost, live_hosts
from tests.rotation.load import Load, Place

HERE = Path(__file__).parent
HOST = os.environ.get("GARRISON_LIMIT", "lab")
CLIENT = "rotation"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.live)


@pytest.fixture(scope="session")
def host() -> LiveHost:
    """The deployed lab host."""
    found = [host for host in live_hosts() if host.name == HOST]
    if not found:
        pytest.fail(f"this checkout has no lab host `{HOST}`; `make up` makes one")
    return found[0]


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
