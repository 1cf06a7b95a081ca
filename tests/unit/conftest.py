"""The fixture catalog, loaded and rendered once for all unit tests."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from garrison.catalog.catalog import Catalog
from garrison.catalog.images import plan_images
from garrison.catalog.loader import load_catalog
from garrison.render.model import Release
from garrison.render.release import render_release
from garrison.settings import HostSettings


@pytest.fixture(scope="session")
def stack(fixtures: Path) -> Path:
    """A folder of services with one of each kind: shared and paired credentials, egress, door, profile."""
    return fixtures / "catalogs" / "stack"


@pytest.fixture(scope="session")
def catalog(stack: Path) -> Catalog:
    return load_catalog([stack])


@pytest.fixture(scope="session")
def settings() -> HostSettings:
    return HostSettings(server_names=("lab.test",))


@pytest.fixture(scope="session")
def release(catalog: Catalog, settings: HostSettings, stack: Path) -> Release:
    images = plan_images(catalog, settings, services=stack, lock={})
    return render_release(catalog, settings, images)


Tool = Callable[..., subprocess.CompletedProcess[str]]


def tool(name: str) -> Tool:
    """Runs the program ``name``. Without it nothing is known of what it judges, so the tests fail."""
    program = shutil.which(name)
    if program is None:
        pytest.fail(f"{name} is not here; `sh garrison/lab/install.sh` takes it from Debian's package")

    def run(*words: object, text: str | None = None) -> subprocess.CompletedProcess[str]:
        command = [program, *map(str, words)]
        return subprocess.run(command, input=text, capture_output=True, text=True, timeout=120, check=False)

    return run


@pytest.fixture(scope="session")
def promtool() -> Tool:
    return tool("promtool")


@pytest.fixture(scope="session")
def amtool() -> Tool:
    return tool("amtool")
