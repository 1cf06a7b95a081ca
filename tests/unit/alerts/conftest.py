"""The project's own catalog with its rules, and the real promtool."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from garrison.catalog.catalog import Catalog
from garrison.catalog.loader import load_catalog
from garrison.catalog.rules import Rules, load_rules

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def promtool() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs promtool. Without it nothing is known of the rules, so the tests fail."""
    program = shutil.which("promtool")
    if program is None:
        pytest.fail("promtool is not here; `sh garrison/lab/install.sh` takes it from Debian's package")

    def run(*words: object) -> subprocess.CompletedProcess[str]:
        command = [program, *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    return run


@pytest.fixture(scope="session")
def whole(root: Path) -> Catalog:
    return load_catalog([root / "services"])


@pytest.fixture(scope="session")
def all_rules(whole: Catalog) -> tuple[Rules, ...]:
    return load_rules(whole)
