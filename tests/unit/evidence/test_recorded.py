"""What Podman 5.4.2 said on a deployed lab host is read as it was meant."""

import json
from pathlib import Path

import pytest

from garrison.evidence.inspected import Inspected, inspect_containers
from garrison.snapshot.model import Snapshot


@pytest.fixture(scope="module")
def recorded(fixtures: Path) -> dict[str, Inspected]:
    document = json.loads((fixtures / "snapshots" / "deployed.json").read_text())
    return inspect_containers(Snapshot.parse(document))


def test_every_container_is_read(recorded: dict[str, Inspected]) -> None:
    names = {"aidb", "embeddings", "llama-cpp", "nginx", "postgres", "redis"}
    assert set(recorded) == {f"garrison-{name}" for name in names}


def test_the_uid_inside_is_the_one_the_container_was_started_as(recorded: dict[str, Inspected]) -> None:
    for one in recorded.values():
        assert one.process
        assert one.process.uids == {int(one.config.user.partition(":")[0])}


def test_a_health_check_is_read_whoever_started_the_container(recorded: dict[str, Inspected]) -> None:
    for one in recorded.values():
        assert one.config.healthcheck
        assert len(one.config.healthcheck.test) > 1


def test_secrets_are_read_with_owner_and_mode_inside(recorded: dict[str, Inspected]) -> None:
    door = recorded["garrison-nginx"].process
    assert door
    assert {file.mode for file in door.secrets.values() if file} == {0o400}
    assert {file.uid for file in door.secrets.values() if file} == {101}


def test_networks_and_published_ports_are_read(recorded: dict[str, Inspected]) -> None:
    aidb = recorded["garrison-aidb"]
    assert "garrison-aidb--postgres" in aidb.network_settings.networks
    bindings = aidb.host_config.port_bindings["8091/tcp"]
    assert bindings
    assert (bindings[0].host_ip, bindings[0].host_port) == ("127.0.0.1", "8091")
