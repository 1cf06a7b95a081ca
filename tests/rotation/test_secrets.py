"""Every secret between services changes while requests of every kind go on, and none of them fails."""

import json
import subprocess
import time

import pytest

from garrison.plan.step import LIB
from tests.bench.report import Outcome, Row, Section, keep, load_average
from tests.compliance.live import INVENTORY, LiveHost, run_tool
from tests.rotation.load import ASKED, Load

STATE, BESIDE = "/var/lib/garrison/rotation.json", "/var/lib/garrison/beside.json"


def secrets(host: LiveHost, *words: str) -> subprocess.CompletedProcess[str]:
    """``garrison secrets`` for this host alone."""
    return run_tool("garrison", "secrets", *words, "--inventory", INVENTORY, "--limit", host.name)


def ages(host: LiveHost) -> dict[str, str]:
    """When each secret that can be rotated got its value."""
    listed = json.loads(host.sh(f"{LIB}/list-secrets"))
    return {one["name"]: one["since"] for one in listed["secrets"] if one["rotatable"]}


def test_no_request_fails_while_every_secret_is_rotated(host: LiveHost, load: Load) -> None:
    before, busy = ages(host), load_average()
    began = time.monotonic()
    done = secrets(host, "rotate", "--all")
    seconds = time.monotonic() - began
    load.end()
    assert done.returncode == 0, done.stderr
    after = ages(host)
    keep(
        Section(
            id="rotation",
            method=f"`garrison secrets rotate --all`, {len(after)} secrets, beside one request after the other of "
            f"{len(ASKED)} kinds, each on a connection of its own and tried once.",
            rows=(
                Row(
                    what="all secrets of a host",
                    figures={
                        "s": round(seconds, 1),
                        "requests": load.answered.total() + len(load.failed),
                        "failed": len(load.failed),
                        "longest s": round(load.longest, 1),
                    },
                ),
            ),
            outcomes=(Outcome(what="failed requests", measured=str(len(load.failed)), aim="0"),),
            load=(busy, load_average()),
        )
    )
    assert before.keys() == after.keys()
    assert not [name for name in before if before[name] == after[name]]
    assert set(load.answered) == set(ASKED)
    assert load.failed == []


def test_after_a_rotation_a_deploy_finds_nothing_to_do(host: LiveHost) -> None:
    # Of the stack: what a timer of the host has written meanwhile is another test's.
    done = host.garrison("deploy", "--json", "--phases", "network,tls,auth")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0]["changes"] == 0


# When a run is killed, by what its journals say then, and what of it: alone, or with every program that it runs.
KILLED = {
    "before anybody has the new one": (f"grep -qs begun {STATE}", "$pid"),
    "while the holder changes over": (f"grep -qs consumers {STATE}", "$pid"),
    "while the second container serves": (f"grep -qs aidb {BESIDE}", "-$pid"),
}


@pytest.mark.parametrize("moment", KILLED)
def test_a_rotation_that_is_killed_fails_nobody_and_the_next_one_ends_it(
    host: LiveHost, load: Load, moment: str
) -> None:
    name = "postgres_aidb_password"
    is_reached, victims = KILLED[moment]
    host.sh(
        f"setsid {LIB}/rotate-secrets {name} >/dev/null 2>&1 & pid=$!; "
        f"until {is_reached}; do sleep 0.05; done; /bin/kill -9 -- {victims}"
    )
    assert name in json.loads(host.sh(f"cat {STATE}"))
    answered = load.answered["aidb documents"]
    while load.answered["aidb documents"] < answered + 5 and not load.failed:
        time.sleep(0.5)
    # What a killed run had begun may go on for a while; until it has ended nobody else begins.
    host.sh(f"for i in $(seq 120); do {LIB}/rotate-secrets && exit; sleep 1; done; exit 1")
    load.end()
    assert host.sh(f"test -e {STATE} && echo there || echo gone") == "gone"
    assert "-next" not in host.podman("ps", "--all", "--format", "{{.Names}}")
    assert load.failed == []


def test_no_value_was_written_down_on_the_way(host: LiveHost) -> None:
    leaks = json.loads(host.sh(f"{LIB}/find-leaks"))["leaks"]
    assert [leak for leak in leaks if leak["secret"] in ages(host)] == []


def test_what_can_not_be_rotated_is_answered_with_what_can(host: LiveHost) -> None:
    done = secrets(host, "rotate", "door_tls_key")
    assert done.returncode == 1
    assert "can't be rotated. What can: " in done.stderr
