"""The project's own dashboards, and those of a small catalog with somebody who shows them."""

from pathlib import Path

import pytest

from garrison.catalog.catalog import Catalog
from garrison.catalog.loader import load_catalog
from garrison.dashboards.every import pages
from garrison.dashboards.whole import Page


@pytest.fixture(scope="session")
def shown(stack: Path, fixtures: Path) -> Catalog:
    return load_catalog([stack, fixtures / "catalogs" / "watched", fixtures / "catalogs" / "shown"])


@pytest.fixture(scope="session")
def unmeasured(shown: Catalog) -> Catalog:
    """The small one where nobody shows what the host measures."""
    blind = {name: one.model_copy(update={"host_metrics": None}) for name, one in shown.services.items()}
    return Catalog(services=blind, sources=shown.sources)


@pytest.fixture(scope="session")
def whole(root: Path) -> Catalog:
    return load_catalog([root / "services"])


@pytest.fixture(scope="session")
def ours(whole: Catalog) -> tuple[Page, ...]:
    """With everything that a host can have."""
    return pages(whole, has_gpu=True)
