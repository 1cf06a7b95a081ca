"""``image_source: registry``: every image comes from the registry, by its digest, or the run says why not."""

import pytest

from tests.faults.conftest import Deploy, Second
from tests.faults.registry import Pushed, Registry, built_images, write_lock
from tests.faults.runs import Workplace


def test_a_fresh_host_pulls_everything_and_builds_nothing(second: Second, pushed: dict[str, Pushed]) -> None:
    for service in pushed:
        assert f"pull the image of {service}" in second.first.err
    assert "build the image" not in second.first.err
    assert "base image" not in second.first.err
    assert "every gate passed" in second.first.err


@pytest.mark.parametrize("service", built_images())
def test_each_service_runs_by_its_digest(second: Second, pushed: dict[str, Pushed], service: str) -> None:
    runs = second.machine.podman("inspect", "--format", "{{.ImageName}}", f"garrison-{service}")
    assert runs == pushed[service].by_digest


def test_the_host_holds_no_image_of_its_own_making(second: Second) -> None:
    held = second.machine.podman("images", "--format", "{{.Repository}}").split()
    assert not [name for name in held if name.startswith("localhost/garrison/") and "base" not in name]


def test_a_second_run_changes_nothing(deploy: Deploy) -> None:
    run = deploy("--json")
    assert (run.code, run.hosts[0]["changes"]) == (0, 0), run.said


@pytest.fixture
def other(registry: Registry) -> Pushed:
    """The same program as another manifest, which the host hasn't got."""
    return registry.push("redis", built_images()["redis"], "--format", "v2s2")


def lock_of(workplace: Workplace, pushed: dict[str, Pushed], redis: Pushed) -> str:
    return write_lock(workplace.folder / "other.lock.yaml", {**pushed, "redis": redis})


def assert_nothing_is_pulled(second: Second, deploy: Deploy, lock: str, *words: str) -> None:
    """The run fails at the pull, with these words; the release and the container stay as they are."""
    before = second.machine.picture()
    run = deploy(images_lock=lock)
    assert run.code == 1, run.said
    for word in ("pull the image of redis", "images.lock.yaml", *words):
        assert word in run.err
    after = second.machine.picture()
    assert (after["current"], after["containers"]) == (before["current"], before["containers"])


@pytest.mark.usefixtures("healed")
def test_a_digest_that_was_made_up_is_refused(
    second: Second, deploy: Deploy, workplace: Workplace, pushed: dict[str, Pushed]
) -> None:
    made_up = Pushed(pushed["redis"].ref, f"sha256:{'0' * 64}")
    assert_nothing_is_pulled(second, deploy, lock_of(workplace, pushed, made_up), "manifest unknown")


@pytest.mark.usefixtures("healed")
def test_an_image_that_was_exchanged_is_refused(
    second: Second,
    deploy: Deploy,
    workplace: Workplace,
    pushed: dict[str, Pushed],
    registry: Registry,
    other: Pushed,
) -> None:
    registry.spoil(other)
    assert_nothing_is_pulled(second, deploy, lock_of(workplace, pushed, other), "digest")


@pytest.mark.usefixtures("healed")
def test_a_registry_that_is_away_is_said(
    second: Second,
    deploy: Deploy,
    workplace: Workplace,
    pushed: dict[str, Pushed],
    registry: Registry,
    other: Pushed,
) -> None:
    registry.stop()
    try:
        lock = lock_of(workplace, pushed, other)
        assert_nothing_is_pulled(second, deploy, lock, "connection refused")
    finally:
        registry.start()
