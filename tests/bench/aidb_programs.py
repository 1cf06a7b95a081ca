"""Runs the programs that measure services as local processes, in the services' environment."""

import json
import os
import subprocess
from typing import Any

import pytest

from tests.bench.host_programs import FOLDER
from tests.bench.kit_servers import PYTHON
from tests.bench.report import ROOT

# Each service's own code and what its tests start it with.
SOURCES = [str(ROOT / "services" / "_kit" / "src")]
SOURCES += [
    str(ROOT / "services" / service / folder)
    for service in ("aidb", "hybrid-coordinator", "nixos-docs")
    for folder in ("src", "tests/support")
]


def run_locally(name: str, *arguments: object, given: object) -> Any:
    """What the program answers; ``given`` is its standard input."""
    if not PYTHON.is_file():
        pytest.fail(f"there is no {PYTHON.parents[1].name}; `make services-test` makes it")
    done = subprocess.run(
        [str(PYTHON), str(FOLDER / f"{name}.py"), *map(str, arguments)],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        env={**os.environ, "GARRISON_TEST_PG": _tree(), "PYTHONPATH": os.pathsep.join(SOURCES)},
        timeout=3600,
    )
    assert done.returncode == 0, f"{name}: {done.stderr[-4000:]}"
    return json.loads(done.stdout.splitlines()[-1])


def _tree() -> str:
    """Where Debian's PostgreSQL, pgvector and Redis lie."""
    if found := os.environ.get("GARRISON_TEST_PG"):
        return found
    path = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    words = ["sh", str(ROOT / "services" / "tree.sh")]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env={**os.environ, "PATH": path})
    return done.stdout.strip()
