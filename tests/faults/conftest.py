"""Two hosts for the tests that break things: one bare, with a registry, and one deployed from that registry.

GARRISON_KEEP_HOSTS=1 leaves both up at the end and takes them as they are at the beginning.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.faults.certificates import TestAuthority
from tests.faults.machine import Machine, list_changes
from tests.faults.registry import Pushed, Registry, built_images, write_lock
from tests.faults.runs import Run, Workplace
from tests.hosts import host, lab, mark_all

__all__ = ["host", "lab"]

pytest_collection_modifyitems = mark_all(__file__, pytest.mark.live)


@pytest.fixture(scope="session")
def bare() -> Iterator[Machine]:
    """A host that nothing was ever deployed to."""
    yield from host("registry")


@pytest.fixture(scope="session")
def registry(bare: Machine) -> Registry:
    """The registry on the bare host, of a CA of its own."""
    found = Registry(bare, TestAuthority())
    found.install()
    return found


@pytest.fixture(scope="session")
def pushed(registry: Registry) -> dict[str, Pushed]:
    """Every image of the project, in the registry."""
    return {service: registry.push(service, built) for service, built in built_images().items()}


@dataclass(frozen=True)
class Second:
    """The deployed host, the inventory data that it is deployed with, and the run that did it."""

    machine: Machine
    changes: dict[str, Any]
    first: Run


@pytest.fixture(scope="session")
def second(
    registry: Registry, pushed: dict[str, Pushed], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Second]:
    """A host that was deployed from the registry, and the CA of its own fleet."""
    folder = tmp_path_factory.mktemp("second")
    for machine in host("second"):
        authority = folder / "registry.crt"
        authority.write_text(registry.authority.pem)
        changes = {
            "image_source": "registry",
            "images_lock": write_lock(folder / "images.lock.yaml", pushed),
            "extra_ca_certificates": [*machine.data["extra_ca_certificates"], str(authority)],
            "ca_dir": str(folder / "ca"),
        }
        workplace = Workplace(folder)
        run = workplace.deploy(workplace.inventory(machine, **changes))
        assert run.code == 0, run.said
        yield Second(machine, changes, run)


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path)


@pytest.fixture
def unchanged(bare: Machine) -> Iterator[Machine]:
    """The bare host, which must look afterwards as it did before."""
    before = bare.picture()
    yield bare
    assert list_changes(before, bare.picture()) == []


Deploy = Callable[..., Run]


@pytest.fixture
def deploy(second: Second, workplace: Workplace) -> Deploy:
    """A run on the deployed host, with what it was deployed with and some changes."""

    def run(*words: str, **changes: Any) -> Run:
        return workplace.deploy(workplace.inventory(second.machine, **second.changes | changes), *words)

    return run


@pytest.fixture
def healed(deploy: Deploy) -> Iterator[None]:
    """Whatever the test does: afterwards one run heals the host, and the next finds nothing to do."""
    yield
    run = deploy()
    assert run.code == 0, run.said
    run = deploy("--json")
    assert (run.code, run.hosts[0]["changes"]) == (0, 0), run.said
