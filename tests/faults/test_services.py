"""Services of the user's own: one whose gate never turns green, and the example, live and then gone without a trace."""

import shutil
import ssl
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.faults.conftest import Deploy, Second
from tests.faults.machine import LIB, ROOT, Machine
from tests.faults.runs import write_service

DEADLINE = 5
STUCK: dict[str, Any] = {
    "name": "stuck",
    "title": "A service that never gets ready",
    "image": {"build": "."},
    "user": 10950,
    "needs": ["embeddings"],
    "health": {"exec": ["/bin/sh", "-c", "echo not yet; exit 1"], "deadline": DEADLINE},
    "limits": {"memory": "32M", "cpus": 0.5, "pids": 16},
}
LOOP = (
    "trap 'exit 0' TERM; n=0; while :; do n=$((n+1)); echo waiting for nothing $n; sleep 0.5 & wait $!; done"
)


@pytest.fixture
def stuck(tmp_path: Path) -> str:
    """A folder of services with one that is never ready."""
    return write_service(tmp_path, STUCK, f'ENTRYPOINT ["/bin/bash", "-c", "{LOOP}"]')


@pytest.fixture
def example(tmp_path: Path) -> str:
    """A folder of services with the example of the documentation."""
    shutil.copytree(
        ROOT / "tests" / "fixtures" / "example_service" / "hello", tmp_path / "services" / "hello"
    )
    return str(tmp_path / "services")


def ask(second: Second, path: str) -> httpx.Response:
    """What a client with the fleet's CA gets at the door."""
    trust = ssl.create_default_context(cafile=f"{second.changes['ca_dir']}/ca.crt")
    with httpx.Client(verify=trust, trust_env=False, timeout=20) as client:
        return client.get(f"https://{second.machine.address}:8443{path}")


def traces(machine: Machine, service: str) -> str:
    """What the stack user has with that name in it: containers, networks, secrets, volumes."""
    lists = (
        "ps --all --format {{.Names}}",
        "network ls --format {{.Name}}",
        "secret ls --format {{.Name}}",
        "volume ls --format {{.Name}}",
    )
    found = "; ".join(f"{LIB}/as-stack podman {one}" for one in lists)
    return machine.sh(f"({found}) | grep {service} || true")


@pytest.mark.usefixtures("healed")
def test_a_gate_that_never_turns_green_leaves_what_is_current_serving(
    second: Second, deploy: Deploy, stuck: str
) -> None:
    before = second.machine.current
    run = deploy("--json", services_dirs=[stuck])
    assert run.code == 1
    assert f"stuck was not ready within {DEADLINE} s" in run.err
    assert "waiting for nothing" in run.err
    assert "sudo journalctl CONTAINER_NAME=garrison-stuck" in run.err
    assert "stuck was not ready" in run.hosts[0]["failed"]
    assert second.machine.current == before
    answer = ask(second, "/aidb/health/ready")
    assert answer.status_code == 200, f"{answer.text}\n{run.err}"
    assert deploy().code == 0
    assert traces(second.machine, "stuck") == ""


@pytest.mark.usefixtures("healed")
def test_the_example_is_served_and_goes_without_a_trace(second: Second, deploy: Deploy, example: str) -> None:
    before = second.machine.current
    assert ask(second, "/hello/").status_code == 404
    run = deploy(services_dirs=[example])
    assert run.code == 0, run.said
    answer = ask(second, "/hello/")
    assert (answer.status_code, answer.json()) == (200, {"hello": "world"})
    assert "unchanged" in deploy(services_dirs=[example]).err
    assert deploy().code == 0
    assert second.machine.current == before
    assert ask(second, "/hello/").status_code == 404
    assert traces(second.machine, "hello") == ""
