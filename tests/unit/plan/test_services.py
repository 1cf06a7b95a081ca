"""Which services a run makes anew, which only have to prove themselves again, and where images come from."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from garrison.catalog.images import ImagePlan, Origin, plan_images
from garrison.plan.images import stand_in_warnings
from garrison.plan.stack import judge_service, plan_stack
from garrison.plan.step import Command, Step
from garrison.plan.wanted import Wanted
from garrison.snapshot.model import Snapshot


def running(wanted: Wanted, *absent: str) -> Callable[[dict[str, Any]], None]:
    """Every container as wanted, but for those."""

    def change(document: dict[str, Any]) -> None:
        document["containers"] = [
            {
                "Name": f"garrison-{name}",
                "Image": "0",
                "ImageName": "any",
                "Created": "2026-01-01T00:00:00Z",
                "State": {"Status": "running", "Health": {"Status": "healthy"}},
                "Config": {
                    "Labels": {"garrison.service": name, "garrison.config-digest": rendered.config_digest}
                },
            }
            for name, rendered in wanted.release.services.items()
            if name not in absent
        ]

    return change


@pytest.fixture
def steps(bare: Callable[..., Snapshot], wanted: Wanted) -> Callable[..., list[Step]]:
    def plan(*absent: str) -> list[Step]:
        made = plan_stack(bare(running(wanted, *absent)), wanted).steps
        return [step for step in made if "until" in step.title]

    return plan


def test_services_that_are_as_wanted_are_left_alone(steps: Callable[..., list[Step]]) -> None:
    assert steps() == []


def test_who_needs_a_replaced_service_proves_again_that_it_is_ready(
    steps: Callable[..., list[Step]], wanted: Wanted
) -> None:
    """Its last probe may have been while the other was away: the next run would take it for unhealthy."""
    first, *others = steps("redis")
    assert first.title.startswith("start redis ")
    assert "wait until aidb is ready again, at most 120 s (it needs redis)" in {
        one.describe() for one in others
    }
    assert {one.title.split(" ready again")[0] for one in others} == {
        f"wait until {consumer.name} is" for consumer in wanted.catalog.consumers("redis")
    }
    assert {len(one.commands) for one in others} == {1}


def test_a_replaced_service_is_not_gated_twice(steps: Callable[..., list[Step]]) -> None:
    titles = [step.title for step in steps("redis", "aidb")]
    assert [title.split(" ")[1] for title in titles if title.startswith("start ")] == ["redis", "aidb"]
    assert not [title for title in titles if title.startswith("wait until aidb ")]


def edited(wanted: Wanted, service: str) -> Callable[[dict[str, Any]], None]:
    """Every file of every service lies on the host, and one of this one's has another content."""

    def change(document: dict[str, Any]) -> None:
        home, release = wanted.settings.stack_home, wanted.release
        document["trees"][f"{home}/releases"] = {
            f"{release.digest}/{path}": laid(file.sha256, file.mode) for path, file in release.files.items()
        }
        config = {
            f"{tree.folder(home).relative_to(f'{home}/config')}/{path}": laid(file.sha256, file.mode)
            for tree in release.config_trees.values()
            for path, file in tree.files.items()
        }
        first = min(path for path in config if path.startswith(f"{service}/"))
        document["trees"][f"{home}/config"] = config | {first: config[first] | {"sha256": "0" * 64}}

    return change


def laid(sha256: str, mode: int) -> dict[str, Any]:
    return {"sha256": sha256, "mode": mode, "uid": 0, "gid": 0}


def test_who_runs_with_an_edited_file_is_made_anew(bare: Callable[..., Snapshot], wanted: Wanted) -> None:
    """A container keeps the file that was edited, whatever is laid in its place."""
    snapshot = bare(running(wanted), edited(wanted, "redis"))
    steps = {step.title: step for step in plan_stack(snapshot, wanted).steps}
    (lay,) = [step for title, step in steps.items() if title.startswith("lay down release")]
    (command,) = lay.commands
    assert isinstance(command, Command)
    assert command.line.endswith("podman rm -f -i garrison-redis")
    assert command.stdin
    (start,) = [step for title, step in steps.items() if title.startswith("start ")]
    assert (start.title.split()[1], start.why) == ("redis", "its configuration was edited on the host")


def test_an_edited_door_reads_its_files_again_with_the_laying(
    bare: Callable[..., Snapshot], wanted: Wanted
) -> None:
    """Killed right behind it, the next run would find nothing to do."""
    snapshot = bare(running(wanted), edited(wanted, "nginx"))
    steps = plan_stack(snapshot, wanted).steps
    (lay,) = [step for step in steps if step.title.startswith("lay down release")]
    (command,) = lay.commands
    assert isinstance(command, Command)
    assert command.line.endswith("systemctl --user try-reload-or-restart garrison-door.service")
    assert judge_service("nginx", snapshot, wanted) == "its configuration was edited on the host"


def test_a_file_that_is_only_missing_is_laid_again_and_nobody_disturbed(
    bare: Callable[..., Snapshot], wanted: Wanted
) -> None:
    steps = plan_stack(bare(running(wanted)), wanted).steps
    (lay,) = [step for step in steps if step.title.startswith("lay down release")]
    (command,) = lay.commands
    assert isinstance(command, Command)
    assert "podman" not in command.line
    assert not [step for step in steps if step.title.startswith("start ")]


def test_a_pull_that_fails_says_where_to_mend_it(bare: Callable[..., Snapshot], wanted: Wanted) -> None:
    pulled = ImagePlan(service="redis", origin=Origin.PULL, reference="r.test/redis@sha256:0", digest="0")
    changed = replace(wanted, images={**wanted.images, "redis": pulled})
    (step,) = [one for one in plan_stack(bare(), changed).steps if one.title == "pull the image of redis"]
    (command,) = step.commands
    assert isinstance(command, Command)
    assert "podman pull -q r.test/redis@sha256:0 || " in command.line
    assert "images.lock.yaml" in command.line


def titles(snapshot: Snapshot, wanted: Wanted) -> list[str]:
    return [step.title for step in plan_stack(snapshot, wanted).steps]


def test_what_is_pulled_goes_before_what_is_built(bare: Callable[..., Snapshot], wanted: Wanted) -> None:
    """A registry that isn't reached is said before minutes of building."""
    found = [title for title in titles(bare(), wanted) if "image" in title]
    assert found.index("pull the image of qdrant") < found.index("make the base image")


def test_a_stand_in_is_called_one_in_the_plan(
    bare: Callable[..., Snapshot], wanted: Wanted, root: Path
) -> None:
    settings = wanted.settings.model_copy(update={"stand_ins": root / "garrison/lab/stand_ins"})
    images = plan_images(wanted.catalog, settings, services=wanted.services_dir, lock={})
    made = replace(wanted, images=images)
    assert "build a stand-in for qdrant" in titles(bare(), made)
    assert not [title for title in titles(bare(), made) if title.startswith("pull")]
    (warning,) = stand_in_warnings(made)
    assert warning.startswith("qdrant is a stand-in (")
    assert warning.endswith("), not docker.io/qdrant/qdrant:v1.19.2-unprivileged.")
