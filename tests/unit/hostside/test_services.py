"""Replacing a container, and waiting for it with an end."""

import json
import os

import pytest


def test_the_gate_opens_when_the_probe_says_so(host):
    done = host.run("gate", "redis", "--deadline", "5")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.fixture
def failing(host, journal):
    log = [{"ExitCode": 1, "Output": "no\n"}, {"ExitCode": 7, "Output": "connection refused\n"}]
    host.answer("healthcheck", "unhealthy", 1)
    host.answer(
        "inspect", "5e5e " + json.dumps({"Status": "running", "Health": {"Status": "unhealthy", "Log": log}})
    )
    journal.write_text("starting\n\nstill starting\n\n")
    return host


def test_a_gate_at_its_deadline_tells_all_a_person_needs(failing, journal):
    done = failing.run("gate", "redis", "--deadline", "0.1")
    assert done.returncode == 1
    assert done.stderr == (
        "redis was not ready within 0.1 s: running, health unhealthy.\n"
        "Last probe: exit code 7: connection refused\n"
        "Its last 20 log lines:\n"
        "  starting\n"
        "  still starting\n"
        "Look further: sudo journalctl CONTAINER_NAME=garrison-redis -n 200\n"
    )
    asked = journal.with_name("asked").read_text().split()
    assert {"CONTAINER_ID_FULL=5e5e", f"_UID={os.getuid()}"} <= set(asked)


def test_what_podman_warns_of_hides_nothing(failing):
    answer = (failing.lib / "answers" / "inspect").read_text()
    failing.answer("inspect", f"WARN[0000] something is old\n{answer}")
    assert "running, health unhealthy" in failing.run("gate", "redis", "--deadline", "0.1").stderr


def test_a_log_that_cannot_be_read_is_not_an_empty_one(failing, journal):
    journal.with_name("ends").write_text("1")
    journal.write_text("")
    assert "It has logged nothing." in failing.run("gate", "redis", "--deadline", "0.1").stderr
    program = journal.parent / "bin" / "journalctl"
    program.write_text("#!/bin/sh\necho 'No journal files were found.' >&2\nexit 1\n")
    said = failing.run("gate", "redis", "--deadline", "0.1").stderr
    assert "(its log can't be read: No journal files were found.)" in said


def test_what_a_container_wrote_moves_no_cursor(failing, journal):
    journal.write_text("\x1b[2Jgone\x9b1m\n")
    assert "  ?[2Jgone?1m\n" in failing.run("gate", "redis", "--deadline", "0.1").stderr


def test_a_gate_does_not_wait_for_a_container_that_is_gone(host):
    host.answer("healthcheck", "no such container", 125)
    host.answer("container", code=1)
    host.answer("inspect", code=125)
    done = host.run("gate", "redis", "--deadline", "60")
    assert (done.returncode, "garrison-redis is gone" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ({}, "unknown"),
        (
            {"Status": "exited", "ExitCode": 137, "OOMKilled": True},
            "exited, killed for want of memory, exit code 137",
        ),
        ({"Status": "running", "Health": {"Status": "starting"}}, "running, health starting"),
        ({"Status": "running", "Health": None}, "running"),
    ],
)
def test_a_state_is_told_in_words(load, state, text):
    assert load("gate").describe_state(state) == text


@pytest.mark.parametrize("name", ["../x", "", "A", "-f"])
@pytest.mark.parametrize(
    "program", [["gate", "--deadline=1"], ["replace-service", "--compose=/etc/hostname"]]
)
def test_what_is_no_name_of_a_service_is_a_usage_error(host, program, name):
    assert host.run(*program, "--", name).returncode == 2


@pytest.fixture
def compose(host, tmp_path):
    """A podman_compose.py that says what it was told."""
    (host.lib / "podman_compose.py").write_text("import sys; print('composing'); sys.exit(0)\n")
    path = tmp_path / "compose.yaml"
    path.write_text("services: {}\n")
    return str(path)


def test_a_service_is_removed_and_created_alone(host, compose):
    host.answer("ps", "Up 1 second\n")
    done = host.run("replace-service", "redis", "--compose", compose)
    assert done.returncode == 0, done.stderr
    removal, creation, _ = host.argv.splitlines()
    assert removal == "podman rm --force --ignore --time 20 garrison-redis"
    assert creation.endswith(f"-p garrison -f {compose} up -d --no-deps --no-recreate redis")


@pytest.mark.parametrize("status", ["", "Created\n"])
def test_a_container_that_did_not_start_is_an_error_though_podman_compose_exits_with_0(host, compose, status):
    host.answer("ps", status)
    done = host.run("replace-service", "redis", "--compose", compose)
    assert (done.returncode, "didn't start garrison-redis. It said:\n  composing" in done.stderr) == (1, True)


def test_a_container_that_cannot_be_removed_is_an_error(host, compose):
    host.answer("rm", "Error: has dependent containers", 125)
    done = host.run("replace-service", "redis", "--compose", compose)
    assert (done.returncode, "has dependent containers" in done.stderr) == (1, True)


def test_a_release_that_is_not_there_leaves_the_container_alone(host):
    done = host.run("replace-service", "redis", "--compose", "/nowhere/compose.yaml")
    assert (done.returncode, host.argv) == (1, "")
