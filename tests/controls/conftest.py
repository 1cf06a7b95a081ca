"""One host of its own, hardened at the strictest level; GARRISON_KEEP_HOSTS=1 keeps it, as in tests/faults."""

from collections.abc import Iterator

import pytest

from garrison.controls.load import Controls, load_controls
from tests.controls.hardened import Hardened, connected
from tests.faults.runs import Workplace
from tests.hosts import host, mark_all

HOST = "controls"

pytest_collection_modifyitems = mark_all(__file__, pytest.mark.live)


@pytest.fixture(scope="session")
def controls() -> Controls:
    return load_controls()


@pytest.fixture(scope="session")
def hardened(controls: Controls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hardened]:
    """The host after one deploy, looked at once."""
    for machine in host(HOST):
        with connected(machine, Workplace(tmp_path_factory.mktemp("controls")), controls) as made:
            run = made.deploy()
            assert run.code == 0, run.said
            made.look_both_ways()
            yield made
