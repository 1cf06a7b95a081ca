"""What a profile has brought goes at the first deploy without it: what it needed of others doesn't hold them up."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from garrison.plan.wanted import Wanted
from tests.compliance.live import LiveHost, need_observability, run_tool

pytestmark = pytest.mark.full  # three deploys that replace a dozen services

PROFILE = "observability"


def deploy(live: LiveHost, folder: Path, data: dict[str, Any]) -> list[str]:
    """What a deploy that must be good had to do."""
    inventory = folder / "without.py"
    inventory.write_text(f"hosts = [({live.name!r}, {data!r})]\n")
    done = run_tool("garrison", "deploy", str(inventory), "--json")
    assert done.returncode == 0, done.stderr
    (result,) = json.loads(done.stdout)
    return list(result["planned"])


@pytest.fixture(scope="module")
def without(
    live: LiveHost, wanted: Wanted, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The host has the profile no more; in the end it is as its own inventory says."""
    need_observability(live)
    folder = tmp_path_factory.mktemp("profile")
    data = live.data | {"profiles": [one for one in wanted.settings.profiles if one != PROFILE]}
    try:
        deploy(live, folder, data)
        yield folder, data
    finally:
        assert live.garrison("deploy").returncode == 0


def test_its_services_and_their_secrets_are_gone(
    live: LiveHost, wanted: Wanted, without: tuple[Path, dict[str, Any]]
) -> None:
    _, data = without
    brought = {name for name, one in wanted.catalog.services.items() if PROFILE in one.profiles}
    running = set(live.podman("ps", "--all", "--format", "{{.Names}}").split())
    assert brought
    assert not running & {f"garrison-{name}" for name in brought}
    names = live.podman("secret", "ls", "--format", "{{.Name}}").split()
    assert [name for name in names if name.endswith("_exporter_password")] == []
    assert PROFILE not in data["profiles"]


def test_its_timer_and_the_last_numbers_of_it_are_gone(
    live: LiveHost, without: tuple[Path, dict[str, Any]]
) -> None:
    assert without
    assert live.sh("systemctl list-unit-files --no-legend 'garrison-containers*'; true") == ""
    assert live.sh("systemctl list-units --all --no-legend 'garrison-containers*'; true") == ""
    live.sh("test ! -e /var/lib/garrison/metrics/containers.prom")


def test_a_second_deploy_changes_nothing(live: LiveHost, without: tuple[Path, dict[str, Any]]) -> None:
    assert deploy(live, *without) == []


def test_whoever_it_measured_starts_after_a_restart(
    live: LiveHost, without: tuple[Path, dict[str, Any]]
) -> None:
    assert without
    for service in ("redis", "postgres"):
        live.podman("restart", f"garrison-{service}")
        live.sh(f"/usr/local/lib/garrison/gate {service} --deadline 120")
