"""What a profile has brought goes at the first deploy without it: what it needed of others doesn't hold them up."""

from collections.abc import Iterator

import pytest

from garrison.plan.hostfiles import CONTAINERS, LOGS
from garrison.plan.wanted import Wanted
from tests.compliance.live import LiveHost, need_observability
from tests.inventories import Changed, changed

pytestmark = pytest.mark.full  # three deploys that replace a dozen services

PROFILE = "observability"


@pytest.fixture(scope="module")
def profiles(wanted: Wanted) -> list[str]:
    """Those that are left to the host."""
    return [one for one in wanted.settings.profiles if one != PROFILE]


@pytest.fixture(scope="module")
def without(
    live: LiveHost, profiles: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Changed]:
    """The host has the profile no more; in the end it is as its own inventory says."""
    need_observability(live)
    with changed(live, tmp_path_factory.mktemp("profile")) as host:
        host.deploy(profiles=profiles)
        yield host


@pytest.mark.usefixtures("without")
def test_its_services_and_their_secrets_are_gone(live: LiveHost, wanted: Wanted, profiles: list[str]) -> None:
    brought = {name for name, one in wanted.catalog.services.items() if PROFILE in one.profiles}
    running = set(live.podman("ps", "--all", "--format", "{{.Names}}").split())
    assert brought
    assert not running & {f"garrison-{name}" for name in brought}
    names = live.podman("secret", "ls", "--format", "{{.Name}}").split()
    assert [name for name in names if name.endswith("_exporter_password")] == []
    assert PROFILE not in profiles


@pytest.mark.usefixtures("without")
@pytest.mark.parametrize("name", [CONTAINERS, LOGS])
def test_its_timers_and_the_last_numbers_of_them_are_gone(name: str, live: LiveHost) -> None:
    assert live.sh(f"systemctl list-unit-files --no-legend 'garrison-{name}*'; true") == ""
    assert live.sh(f"systemctl list-units --all --no-legend 'garrison-{name}*'; true") == ""
    live.sh(f"test ! -e /var/lib/garrison/metrics/{name}.prom")


def test_a_second_deploy_changes_nothing(without: Changed, profiles: list[str]) -> None:
    assert without.deploy(profiles=profiles) == []


@pytest.mark.usefixtures("without")
def test_whoever_it_measured_starts_after_a_restart(live: LiveHost) -> None:
    for service in ("redis", "postgres"):
        live.podman("restart", f"garrison-{service}")
        live.sh(f"/usr/local/lib/garrison/gate {service} --deadline 120")
