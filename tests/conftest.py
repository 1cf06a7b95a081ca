"""What all tests share: ``--update`` rewrites what is expected, to be reviewed as a diff."""

from collections.abc import Callable, Mapping
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


@pytest.fixture
def golden(update: bool) -> Callable[[str, Mapping[str, bytes]], None]:
    """Compares files with the tree of that name in tests/golden, file by file."""

    def compare(name: str, found: Mapping[str, bytes]) -> None:
        folder = ROOT / "tests" / "golden" / name
        before = {
            path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()
        }
        if update:
            for gone in before.keys() - found.keys():
                before[gone].unlink()
            for path, content in found.items():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(content)
            return
        assert sorted(found) == sorted(before)
        for path, content in found.items():
            assert content.decode() == before[path].read_text(), f"{name}/{path}"

    return compare
