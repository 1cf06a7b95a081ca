"""The lab's stand-in with the golden dashboards, and the answers of Prometheus and Jaeger beside it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "support"))

from grafana_process import Client, Site, answering

TWO = {"status": "success", "data": {"resultType": "scalar", "result": [1795676000, "2"]}}
SERVICES = {"data": ["aidb"], "total": 1, "limit": 0, "offset": 0, "errors": None}


@pytest.fixture(scope="session")
def prometheus() -> Iterator[str]:
    with answering({"/api/v1/query": TWO, "/api/v1/query_range": TWO}) as url:
        yield url


@pytest.fixture(scope="session")
def jaeger() -> Iterator[str]:
    with answering({"/api/services": SERVICES}) as url:
        yield url


@pytest.fixture
def site(tmp_path: Path, prometheus: str, jaeger: str) -> Site:
    return Site(tmp_path, prometheus, jaeger)


@pytest.fixture(scope="session")
def grafana(tmp_path_factory: pytest.TempPathFactory, prometheus: str, jaeger: str) -> Iterator[Client]:
    with Site(tmp_path_factory.mktemp("grafana"), prometheus, jaeger).running() as client:
        yield client
