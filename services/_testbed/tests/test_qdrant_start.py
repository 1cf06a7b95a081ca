"""What Qdrant's start.sh hands to the server; services/qdrant/tests ask the server itself."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from container_root import OWN, STANDBY, ContainerRoot

KEY = "q" * 64
Make = Callable[[str], ContainerRoot]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Qdrant's files around a program that does nothing but run."""
    made: list[ContainerRoot] = []

    def make(key: str) -> ContainerRoot:
        root = ContainerRoot("qdrant", tmp_path, {"hybrid-coordinator": key})
        root.write("/qdrant/qdrant", "#!/bin/sh\necho started >&2\nexec sleep 600\n", 0o755)
        made.append(root)
        return root

    yield make
    for each in made:
        each.stop(signal.SIGKILL)  # the first process of a container ignores what it does not handle


@pytest.fixture
def started(make: Make) -> ContainerRoot:
    root = make(KEY)
    root.start(lambda: "started" in root.log())
    return root


def test_the_configuration_has_the_key_and_is_its_users_alone(started: ContainerRoot) -> None:
    path = started.folder / "tmp" / "qdrant.yaml"
    assert (path.stat().st_mode & 0o777, path.stat().st_uid) == (0o600, 1000)
    said = yaml.safe_load(path.read_text())
    keys = ("api_key", "alt_api_key", "read_only_api_key")
    assert [said["service"][key] for key in keys] == [KEY, STANDBY, OWN]
    assert (said["service"]["http_port"], said["service"]["enable_static_content"]) == (started.port, False)
    assert said["storage"] == {"storage_path": "/qdrant/storage", "snapshots_path": "/qdrant/snapshots"}
    assert (said["telemetry_disabled"], said["logger"], said["cluster"]) == (
        True,
        {"format": "json"},
        {"enabled": False},
    )


def test_the_key_is_in_no_argument_no_environment_and_no_log(started: ContainerRoot) -> None:
    process = Path(f"/proc/{started.pid}")
    seen = b"".join((process / name).read_bytes() for name in ("cmdline", "environ"))
    assert b"sleep" in seen
    for key in (KEY, OWN):
        assert key.encode() not in seen + started.log().encode()


def test_the_probe_fails_while_nothing_answers(started: ContainerRoot) -> None:
    assert started.run("/etc/garrison/ready.sh").returncode != 0


@pytest.mark.parametrize(
    ("key", "said"), [("short", "is shorter than"), (f"{KEY}'\n  x: 1", "has a character that")]
)
def test_a_key_that_is_no_good_keeps_it_from_starting(make: Make, key: str, said: str) -> None:
    root = make(key)
    assert root.fails() != 0
    assert said in root.log()


def test_no_key_for_those_who_measure_means_no_start(make: Make) -> None:
    root = make(KEY)
    root.write("/run/secrets/qdrant_metrics_key", "", 0o400)
    assert root.fails() != 0
    assert "/run/secrets/qdrant_metrics_key is shorter than 32 characters" in root.log()
