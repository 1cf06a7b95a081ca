"""A host of its own with a few small services from a second folder; GARRISON_KEEP_HOSTS=1 keeps it."""

from collections.abc import Iterator

import pytest

from tests.faults.runs import Workplace
from tests.hosts import host, mark_all
from tests.walls.catalog import write_catalog
from tests.walls.outside import Outside, listening
from tests.walls.site import Site, outer_address

HOST = "walls"

pytest_collection_modifyitems = mark_all(__file__, pytest.mark.live)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The host, deployed."""
    folder = tmp_path_factory.mktemp("walls")
    for machine in host(HOST):
        services = write_catalog(folder / "services", outer_address(machine))
        found = Site(machine, Workplace(folder), services)
        run = found.prepare()
        assert run.code == 0, run.said
        found.start()
        yield found


@pytest.fixture
def outside(site: Site) -> Iterator[Outside]:
    """The listener on the outer side of the lab's network."""
    with listening(outer_address(site.machine), site.machine.address) as seen:
        yield seen


@pytest.fixture
def mended(site: Site) -> Iterator[None]:
    """Whatever the test does: its walls are up again afterwards, and nothing is found."""
    yield
    site.machine.sh("/usr/local/lib/garrison/wall refresh")
    assert site.findings() == []
