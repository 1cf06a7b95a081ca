"""Something is broken for real, its check sees it, and it is put back."""

from collections.abc import Iterator

import pytest

from garrison.evidence.asking import ask_leaks, ask_pairs
from garrison.evidence.leaks import find_leaked
from garrison.evidence.pairs import find_pairs
from garrison.plan.exposure import EVERYWHERE
from garrison.plan.step import LIB
from garrison.plan.wanted import Wanted
from garrison.problem import Problem
from tests.compliance.live import LiveHost

STRAY = "garrison-test-stray"
SECRET = "garrison_test_leak"  # noqa: S105 - the name of a secret that is made to be leaked


def ids(problems: list[Problem]) -> set[str]:
    return {problem.id for problem in problems}


def image_of(wanted: Wanted, service: str) -> str:
    return wanted.images[service].reference


@pytest.fixture
def stray(live: LiveHost) -> Iterator[str]:
    """The name of a container that is removed in the end."""
    yield STRAY
    live.quietly(f"{LIB}/as-stack podman rm --force --ignore --time 0 {STRAY}")


@pytest.mark.parametrize("address", EVERYWHERE)
def test_a_stray_listener_is_seen(live: LiveHost, wanted: Wanted, address: str) -> None:
    unit = "garrison-test-listener"
    try:
        live.sh(f"systemd-run --quiet --unit={unit} python3 -m http.server 4444 --bind {address}")
        live.sh("timeout 10 sh -c 'until ss -Htln | grep -q :4444; do sleep 0.1; done'")
        found = live.findings("exposure", wanted)
    finally:
        live.quietly(f"systemctl stop {unit}")
    assert [(one.id, one.where.rpartition(":")[2]) for one in found] == [("exposure.unexpected", "4444")]


def test_a_listener_of_the_stack_user_is_seen_even_on_loopback(live: LiveHost, wanted: Wanted) -> None:
    unit = "garrison-test-listener"
    try:
        live.sh(f"systemd-run --quiet --unit={unit} --uid={wanted.settings.stack_user} "
                "python3 -m http.server 4444 --bind 127.0.0.1")  # fmt: skip
        live.sh("timeout 10 sh -c 'until ss -Htln | grep -q :4444; do sleep 0.1; done'")
        found = live.findings("exposure", wanted)
    finally:
        live.quietly(f"systemctl stop {unit}")
    assert [one.where for one in found] == ["tcp 127.0.0.1:4444"]


def test_a_container_that_nobody_declared_is_seen(live: LiveHost, wanted: Wanted, stray: str) -> None:
    live.podman(
        "run", "-d", "--name", stray, "--network=none", "--entrypoint=sleep", image_of(wanted, "redis"), "300"
    )
    found = live.findings("containers-are-the-declared-ones", wanted)
    assert [one.id for one in found] == ["containers-are-the-declared-ones.unknown"]


def test_an_unconfined_container_is_seen_in_every_respect(live: LiveHost, wanted: Wanted) -> None:
    """It takes the place of Qdrant, which comes back in the end."""
    name = "garrison-qdrant"
    secret = wanted.catalog.secrets_of("qdrant")[0]
    try:
        live.podman("rm", "--force", "--time", "5", name)
        live.podman("run", "-d", "--name", name, "--network=host", "--pid=host", "--cap-add=NET_RAW", "--user=0:0",
                    "--security-opt=seccomp=unconfined", "--log-driver=none", "--secret", f"{secret},mode=0444",
                    "--volume=/etc:/host-etc", "--label=garrison.service=qdrant", "--entrypoint=sleep",
                    image_of(wanted, "qdrant"), "300")  # fmt: skip
        snapshot_checks = (
            "containers-are-confined",
            "containers-are-supervised",
            "mounts-are-the-declared-ones",
            "secrets-are-readable-by-one-user",
            "containers-are-the-declared-ones",
            "networks-are-one-for-each-need",
        )
        found = {
            check: {one.id for one in live.findings(check, wanted) if name in f"{one.where} {one.what}"}
            for check in snapshot_checks
        }
    finally:
        live.replace("qdrant", wanted)
    assert {key.partition(".")[2] for key in found["containers-are-confined"]} >= {
        "capabilities", "capabilities-added", "network-namespace", "pid-namespace", "privileges", "privileges-live",
        "root", "seccomp", "security-options", "uid", "user",
    }  # fmt: skip
    assert {key.partition(".")[2] for key in found["containers-are-supervised"]} >= {
        "log",
        "probe",
        "restart",
    }
    assert "mounts-are-the-declared-ones.undeclared" in found["mounts-are-the-declared-ones"]
    secrets = {key.partition(".")[2] for key in found["secrets-are-readable-by-one-user"]}
    assert secrets >= {"mode", "owner"}
    assert found["containers-are-the-declared-ones"] == {"containers-are-the-declared-ones.outdated"}
    assert found["networks-are-one-for-each-need"] == {"networks-are-one-for-each-need.absent"}


def test_what_was_replaced_is_whole_again(live: LiveHost, wanted: Wanted) -> None:
    assert live.findings("containers-are-confined", wanted) == []
    assert live.findings("networks-are-one-for-each-need", wanted) == []


def test_a_container_on_a_network_too_many_is_seen_and_reached_by_whom_no_wall_holds(
    live: LiveHost, wanted: Wanted
) -> None:
    network = "garrison-nginx--llama-cpp"
    try:
        live.podman("network", "connect", network, "garrison-redis")
        members = live.findings("networks-are-one-for-each-need", wanted)
        walled = find_pairs(ask_pairs(live.ask, wanted), wanted)
        live.sh("systemctl stop garrison-walls.timer")
        for name in ("garrison-llama-cpp", "garrison-nginx"):
            pid = live.podman("inspect", name, "--format", "{{.State.Pid}}")
            live.sh(f"nsenter --net=/proc/{pid}/ns/net nft delete table inet garrison")
        pairs = find_pairs(ask_pairs(live.ask, wanted), wanted)
    finally:
        live.quietly(f"{LIB}/as-stack podman network disconnect {network} garrison-redis")
        live.quietly(f"{LIB}/wall refresh; systemctl start garrison-walls.timer")
    assert "pairs-are-the-declared-ones.open" not in ids(walled)
    assert [(one.id, one.where) for one in members] == [
        ("networks-are-one-for-each-need.member", f"network {network}")
    ]
    opened = {one.where for one in pairs if one.id == "pairs-are-the-declared-ones.open"}
    assert {"garrison-llama-cpp → garrison-redis", "garrison-nginx → garrison-redis"} <= opened
    assert "pairs-are-the-declared-ones.name" in ids(pairs)


def test_a_service_that_lost_its_network_is_seen(live: LiveHost, wanted: Wanted) -> None:
    """Redis listens, but nobody who needs it gets there."""
    network = "garrison-aidb--redis"
    try:
        live.podman("network", "disconnect", network, "garrison-redis")
        pairs = find_pairs(ask_pairs(live.ask, wanted), wanted)
    finally:
        live.replace("redis", wanted)
    assert {one.where for one in pairs} == {"garrison-aidb → garrison-redis"}
    assert ids(pairs) == {"pairs-are-the-declared-ones.closed", "pairs-are-the-declared-ones.closed-by-name"}


def test_a_container_with_a_way_out_is_seen_at_the_canary(
    live: LiveHost, wanted: Wanted, stray: str, watched: tuple[str, int]
) -> None:
    live.podman(
        "run",
        "-d",
        "--name",
        stray,
        "--network=podman",
        "--entrypoint=sleep",
        image_of(wanted, "redis"),
        "300",
    )
    pairs = find_pairs(ask_pairs(live.ask, wanted, [watched]), wanted)
    assert {one.where for one in pairs if one.id == "pairs-are-the-declared-ones.canary"} == {
        f"{stray} → {watched[0]}:{watched[1]}",
        f"{stray} → {watched[0]} (udp)",
        f"{stray} → {watched[0]} (icmp)",
    }


def test_a_secret_that_leaked_is_found_wherever_it_stands(live: LiveHost, wanted: Wanted, stray: str) -> None:
    """A secret of its own, made for this: the journal keeps what it has read."""
    image, file = image_of(wanted, "redis"), "/tmp/garrison-test-leak"
    script = f"""
        export VALUE=$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \\n')
        printf %s "$VALUE" | {LIB}/as-stack podman secret create {SECRET} - >/dev/null
        {LIB}/as-stack podman run -d --name {stray} --network=none --label "note=$VALUE" --env "KEY=$VALUE" \\
            --entrypoint=sleep {image} 300 >/dev/null
        printf 'Authorization: %s' "$(printf 'user:%s' "$VALUE" | base64 -w0)" > {file}
        logger -t garrison-test "password is $VALUE"
    """
    try:
        live.sh(script)
        found = [one for one in find_leaked(ask_leaks(live.ask), wanted) if SECRET in one.what]
    finally:
        live.quietly(f"rm -f {file}; {LIB}/as-stack podman rm --force --ignore --time 0 {stray}; "
                     f"{LIB}/as-stack podman secret rm {SECRET}")  # fmt: skip
    places = " ".join(one.where for one in found)
    for place in (
        f"{stray}: Config.Env",
        f"{stray}: Config.Labels",
        "environ (sleep)",
        file,
        "garrison-test",
    ):
        assert place in places


def test_what_is_written_after_a_search_is_found_by_the_next_and_by_each_after_it(live: LiveHost) -> None:
    """The journal isn't read again as a whole, and its note isn't moved on: it stays as it was to the byte."""
    make, note = f"{LIB}/as-stack podman secret", "/run/garrison/journal-searched.json"
    live.sh(f"head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \\n' | {make} create {SECRET} - >/dev/null")
    try:
        before = ask_leaks(live.ask)
        noted = live.sh(f"cat {note}")
        live.sh(
            f"{make} inspect --showsecret --format '{{{{.SecretData}}}}' {SECRET} | logger -t garrison-test"
        )
        after = [ask_leaks(live.ask) for _ in range(2)]
        still, owned = live.sh(f"cat {note}"), live.sh(f"stat -c '%u %a' {note}")
    finally:
        live.quietly(f"{make} rm {SECRET}")
    assert SECRET in before.secrets
    assert [one.place for one in before.leaks if one.secret == SECRET] == []
    for found in after:
        assert [one.place for one in found.leaks if one.secret == SECRET] == ["the journal (garrison-test)"]
    assert still == noted
    assert owned.split() == ["0", "600"]
