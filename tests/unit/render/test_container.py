"""How a container is asked for its health, by the client that its image carries."""

import pytest

from garrison.catalog.catalog import Catalog
from garrison.render.container import probe_command


@pytest.mark.parametrize(
    ("service", "command"),
    [
        (
            "api",
            "/opt/venv/bin/python -m garrison_kit.probe http://127.0.0.1:8091/health/ready",
        ),
        ("jobs", "curl -fsS -o /dev/null --max-time 4 http://127.0.0.1:8092/health/ready"),
        ("model", "wget -q -O /dev/null -T 4 http://127.0.0.1:8080/health"),
        ("store", "pg_isready --quiet"),
    ],
)
def test_the_probe_runs_inside(catalog: Catalog, service: str, command: str) -> None:
    assert " ".join(probe_command(catalog.services[service])) == command
