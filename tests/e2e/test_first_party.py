"""The walk of docs/adding-a-service.md, followed: the example on the kit is deployed, passes the contract, and goes."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from garrison.plan.step import LIB
from tests.compliance.live import INVENTORY, LiveHost
from tests.conftest import ROOT
from tests.inventories import write_inventory

PATH = "/glossary/health/ready"
LONGEST = 900
LISTS = (
    "ps --all --format {{.Names}}",
    "network ls --format {{.Name}}",
    "secret ls --format {{.Name}}",
)


@pytest.fixture(scope="module")
def commands() -> list[str]:
    """What the walk tells one to run, line by line."""
    page = (ROOT / "docs" / "adding-a-service.md").read_text()
    (block,) = re.findall(r"^### 6\..*?^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return str(block).splitlines()


@pytest.fixture(scope="module")
def inventory(host: LiveHost, fixtures: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The lab's own inventory, and a folder of services with a copy of the example."""
    folder = tmp_path_factory.mktemp("walk")
    example = folder / "services" / "glossary"
    shutil.copytree(fixtures / "first_party_service" / "glossary", example)
    data = {**host.data, "services_dirs": [str(example.parent)]}
    return write_inventory(folder / "inventory.py", (host.name, data))


@pytest.fixture(scope="module")
def followed(host: LiveHost, commands: list[str], inventory: str) -> Iterator[list[str]]:
    """What each command of the walk said; afterwards the host is as it was."""
    try:
        yield [_run(command.replace("inventory/lab.py", inventory), inventory) for command in commands]
    finally:
        _run(f".venv/bin/garrison deploy {INVENTORY} --limit {host.name}", INVENTORY)
        host.podman("volume", "rm", "--force", "garrison-glossary-data")


def test_the_walk_deploys_the_example_and_tries_the_contract_on_it(
    followed: list[str], commands: list[str]
) -> None:
    assert [command.split()[0].rpartition("/")[2] for command in commands] == ["garrison", "pytest"]
    passed = re.search(r"(\d+) passed", followed[-1])
    assert passed, followed[-1]
    assert int(passed[1]) > 60


@pytest.mark.usefixtures("followed")
def test_the_example_serves(client: httpx.Client) -> None:
    answer = client.get(PATH)
    assert (answer.status_code, answer.json()["checks"]) == (200, {"terms": "ok"})


def test_nothing_of_it_is_left_when_it_is_taken_out_again(host: LiveHost, client: httpx.Client) -> None:
    _run(f".venv/bin/garrison deploy {INVENTORY} --limit {host.name}", INVENTORY)
    found = "; ".join(f"{LIB}/as-stack podman {one}" for one in LISTS)
    assert host.sh(f"({found}) | grep glossary || true") == ""
    assert client.get(PATH).status_code == 404


def _run(command: str, inventory: str) -> str:
    environment = {**os.environ, "GARRISON_INVENTORY": inventory, "PYTEST_ADDOPTS": "-m 'not full'"}
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LONGEST
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
    return done.stdout + done.stderr
