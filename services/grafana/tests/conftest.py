"""The lab's stand-in with the golden dashboards, and Prometheus' answers beside it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "support"))

from grafana_process import Client, Site, answering

TWO = {"status": "success", "data": {"resultType": "scalar", "result": [1795676000, "2"]}}


@pytest.fixture(scope="session")
def prometheus() -> Iterator[str]:
    with answering({"/api/v1/query": TWO, "/api/v1/query_range": TWO}) as url:
        yield url


@pytest.fixture
def site(tmp_path: Path, prometheus: str) -> Site:
    return Site(tmp_path, prometheus)


@pytest.fixture(scope="session")
def grafana(tmp_path_factory: pytest.TempPathFactory, prometheus: str) -> Iterator[Client]:
    with Site(tmp_path_factory.mktemp("grafana"), prometheus).running() as client:
        yield client
