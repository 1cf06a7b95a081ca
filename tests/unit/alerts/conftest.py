"""The project's own catalog with its rules."""

from pathlib import Path

import pytest

from garrison.catalog.catalog import Catalog
from garrison.catalog.loader import load_catalog
from garrison.catalog.rules import Rules, load_rules

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def whole(root: Path) -> Catalog:
    return load_catalog([root / "services"])


@pytest.fixture(scope="session")
def all_rules(whole: Catalog) -> tuple[Rules, ...]:
    return load_rules(whole)
