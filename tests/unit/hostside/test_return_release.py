"""After a failed gate the whole stack goes back to the release that `current` points at."""

import json
import os
from pathlib import Path

import pytest

GOOD, NEW = "a" * 8, "b" * 8


@pytest.fixture
def home(tmp_path: Path) -> Path:
    release = tmp_path / "releases" / "r1"
    (release / "systemd").mkdir(parents=True)
    services = {name: {"config_digest": GOOD, "deadline": 30} for name in ("postgres", "aidb", "nginx")}
    (release / "manifest.json").write_text(json.dumps({"order": list(services), "services": services}))
    units = tmp_path / ".config" / "systemd" / "user"
    units.mkdir(parents=True)
    for name in ("garrison-door.socket", "garrison-door.service"):
        (release / "systemd" / name).write_text("old")
        (units / name).write_text("old")
    (tmp_path / "current").symlink_to("releases/r1")
    return tmp_path


@pytest.fixture
def back(host, home, monkeypatch):
    monkeypatch.setenv("GARRISON_STATE", str(home / "state"))
    monkeypatch.setenv("PATH", f"{host.lib}:{os.environ['PATH']}")  # no test tells this machine's own systemd
    for name in ("replace-service", "gate"):
        host.add_program(name, f'#!/bin/sh\necho "{name} $*" >> "$(dirname "$0")/argv"\n')
    host.add_program("systemctl", "#!/bin/sh\n")

    def run(*rows: str):
        host.answer("ps", "".join(f"{row}\n" for row in rows))
        return host.run("return-release", "--home", str(home), "--door", "nginx")

    return run


def test_only_what_differs_is_made_anew_in_the_order_of_the_release(back, host, home):
    done = back(f"aidb {NEW} running", f"postgres {NEW} running", "nginx x running")
    assert done.returncode == 0
    compose = home / "releases" / "r1" / "compose.yaml"
    acts = [line for line in host.argv.splitlines() if line.startswith(("replace", "gate"))]
    assert acts == [
        f"replace-service postgres --compose {compose}",
        "gate postgres --deadline 30",
        f"replace-service aidb --compose {compose}",
        "gate aidb --deadline 30",
    ]
    assert "Returned to release r1" in done.stderr


def test_what_runs_as_it_should_is_left_alone_and_proves_that_it_is_ready(back, host):
    assert back(f"aidb {GOOD} running", f"postgres {GOOD} running").returncode == 0
    assert "replace-service" not in host.argv
    assert "gate aidb --deadline 30" in host.argv


def test_a_container_that_has_stopped_is_made_anew(back, host):
    back(f"aidb {GOOD} exited", f"postgres {GOOD} running")
    assert "replace-service aidb" in host.argv


def test_a_service_that_only_the_newer_release_has_is_removed(back, host):
    done = back(f"aidb {GOOD} running", f"postgres {GOOD} running", f"hello {NEW} running")
    assert "podman rm --force --ignore garrison-hello" in host.argv
    assert "hello (removed)" in done.stderr


def test_newer_units_of_the_door_give_way_to_the_earlier_ones(back, host, home):
    unit = home / ".config" / "systemd" / "user" / "garrison-door.service"
    unit.write_text("new")
    done = back(f"aidb {GOOD} running", f"postgres {GOOD} running")
    assert (done.returncode, unit.read_text()) == (0, "old")
    assert "systemctl --user restart garrison-door.service" in host.argv


def test_units_that_came_back_are_remembered_as_laid(back, home):
    """The next deploy would take them for somebody's edit."""
    unit = home / ".config" / "systemd" / "user" / "garrison-door.service"
    copy = home / "state" / "laid" / unit.relative_to("/")
    copy.parent.mkdir(parents=True)
    for path in (unit, copy):
        path.write_text("new")
    back(f"aidb {GOOD} running", f"postgres {GOOD} running")
    assert copy.read_text() == unit.read_text() == "old"
    assert [path.name for path in copy.parent.iterdir()] == [unit.name]


def test_without_an_earlier_release_it_says_so(back, home):
    (home / "current").unlink()
    done = back()
    assert done.returncode == 1
    assert "no earlier release to return to" in done.stderr


def test_an_earlier_release_that_fails_too_is_said_plainly(back, host):
    host.add_program("gate", "#!/bin/sh\nexit 1\n")
    done = back(f"aidb {NEW} running", f"postgres {GOOD} running")
    assert done.returncode == 1
    assert "isn't whole either" in done.stderr
