"""What compose.yaml says, and what the real podman-compose makes of it."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml

from garrison.render.compose import DIGEST_LABEL
from garrison.render.model import COMPOSE, Release

# Answers every question with nothing and writes its arguments down: what is judged is podman-compose.
RECORDER = """\
#!/bin/sh
[ "$1" = create ] && { for word in "$@"; do printf '%s\\n' "$word"; done > "$RECORD"; }
[ "$1" = --version ] && echo podman version 5.4.2
[ "$1" = ps ] && echo '[]'
exit 0
"""


@pytest.fixture
def podman_arguments(release: Release, tmp_path: Path) -> Callable[[str], list[str]]:
    """The arguments of the ``podman create`` that podman-compose makes of one service."""
    recorder = tmp_path / "bin" / "podman"
    recorder.parent.mkdir()
    recorder.write_text(RECORDER)
    recorder.chmod(0o755)
    # podman-compose makes sure that what it mounts is there.
    home = tmp_path / "garrison"
    text = release.files[COMPOSE].content.decode().replace("/srv/garrison", str(home))
    (tmp_path / COMPOSE).write_text(text)
    for spec in yaml.safe_load(text)["services"].values():
        for mount in spec.get("volumes", []):
            if mount["type"] == "bind":
                Path(mount["source"]).mkdir(parents=True, exist_ok=True)

    def arguments(service: str) -> list[str]:
        record = tmp_path / f"{service}.args"
        environment = {**os.environ, "PATH": f"{recorder.parent}:{os.environ['PATH']}", "RECORD": str(record)}
        words = ["up", "-d", "--no-deps", "--no-recreate", service]
        subprocess.run(
            [sys.executable, "-m", "podman_compose", "-f", COMPOSE, *words],
            cwd=tmp_path,
            env=environment,
            check=True,
            capture_output=True,
            timeout=60,
        )
        said = record.read_text().replace(str(home), "/srv/garrison").replace(str(tmp_path), "/release")
        return said.splitlines()

    return arguments


@pytest.mark.parametrize("service", ["api", "model", "fetch", "store"])
def test_podman_is_told_what_the_golden_file_says(
    service: str,
    podman_arguments: Callable[[str], list[str]],
    golden: Callable[[str, Mapping[str, bytes]], None],
) -> None:
    # podman-compose's hash is of the file with the paths of this run in it.
    words = [word for word in podman_arguments(service) if "config-hash" not in word]
    golden(f"podman/{service}", {"arguments.txt": "\n".join([*words, ""]).encode()})


def test_a_dollar_sign_reaches_the_container_as_it_was_written(
    podman_arguments: Callable[[str], list[str]],
) -> None:
    assert podman_arguments("model")[-3:] == ["--price", "5$", "${HOME}"]


def test_every_container_is_hardened(release: Release) -> None:
    for service in release.services.values():
        if service.is_door:
            continue
        assert service.spec["cap_drop"] == ["ALL"]
        assert service.spec["security_opt"] == ["no-new-privileges"]
        assert service.spec["read_only"] is (service.name != "fetch")
        assert not service.spec["user"].startswith("0")


def test_ports_are_published_on_loopback_alone(release: Release) -> None:
    ports = [port for service in release.services.values() for port in service.spec.get("ports", [])]
    assert ports == ["127.0.0.1:8094:8094", "127.0.0.1:18080:8080", "127.0.0.1:8091:8091"]


def test_a_service_on_no_network_says_so(release: Release) -> None:
    # Otherwise podman-compose would put it on the default network.
    document = yaml.safe_load(release.files[COMPOSE].content)
    for spec in document["services"].values():
        assert spec.get("networks") or spec["network_mode"] == "none"


def test_the_door_is_not_in_it(release: Release) -> None:
    assert "door" not in yaml.safe_load(release.files[COMPOSE].content)["services"]


def test_the_label_is_the_digest_that_the_plan_compares(release: Release) -> None:
    services = [service for service in release.services.values() if not service.is_door]
    assert all(service.spec["labels"][DIGEST_LABEL] == service.config_digest for service in services)
