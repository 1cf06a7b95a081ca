"""A clients' file with three keys, and each adapter serving the same small application on loopback."""

import hashlib
import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from garrison_kit.options import Options

sys.path.insert(0, str(Path(__file__).parent / "support"))

from kit_servers import ADAPTERS, ServedProcess, serving

READER, WRITER, SERVICE_KEY = "gk_reader", "gk_writer", "5" * 64
MAX_BODY = 4096


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def clients_document() -> dict[str, object]:
    """Anna may read, bert may read and write and has two keys at once."""
    return {
        "version": 1,
        "clients": [
            {"name": "anna", "scopes": ["read"], "keys": [{"id": "k1", "sha256": digest(READER)}]},
            {
                "name": "bert",
                "scopes": ["read", "write"],
                "keys": [{"id": "k2", "sha256": digest(WRITER)}, {"id": "k3", "sha256": digest("gk_new")}],
            },
        ],
    }


@pytest.fixture
def clients_file(tmp_path: Path) -> Path:
    path = tmp_path / "clients.json"
    path.write_text(json.dumps(clients_document()))
    return path


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> Options:
    """Those that the contract is asked of; its many requests would exceed any rate."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "demo_key").write_text(SERVICE_KEY)
    (folder / "clients.json").write_text(json.dumps(clients_document()))
    return Options(
        service="demo",
        version="9.9",
        clients_file=folder / "clients.json",
        secrets_dir=folder,
        service_key_secret="demo_key",
        max_body=MAX_BODY,
        rate=math.inf,
    )


@pytest.fixture(scope="module", params=ADAPTERS)
def adapter(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def served(adapter: str, options: Options) -> Iterator[ServedProcess]:
    with serving(adapter, options) as started:
        yield started
