"""What all tests share: ``--update`` rewrites what is expected, to be reviewed as a diff."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite golden files and expected errors")


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """True when what is expected shall be rewritten instead of compared."""
    return bool(request.config.getoption("--update"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """The folder of everything that tests read as data."""
    return ROOT / "tests" / "fixtures"
