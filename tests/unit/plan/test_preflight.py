"""Phase 0: each fault of a host is found, named and comes with its remedy; a sound host has none."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from garrison.hardening.firewall import FILE as FIREWALL
from garrison.plan.preflight import find_problems
from garrison.plan.wanted import Wanted
from garrison.settings import HostSettings
from garrison.shipping import LogShipping
from garrison.snapshot.model import Snapshot
from tests.unit.controls.facts import NOTHING

GIB = 1024**3


def put(*path: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        for key in path[:-1]:
            document = document[key]
        document[path[-1]] = value

    return change


def listen(port: int, uid: int = 0) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        document["listeners"].append(
            {"protocol": "tcp", "address": "127.0.0.1", "port": port, "process": "squatter", "uid": uid}
        )

    return change


def silence(document: dict[str, Any]) -> None:
    """Podman is there and its user's systemd too, but it told nothing."""
    document["account"] = {"exists": True, "uid": 4000, "home": "/srv/garrison", "bus": True}
    document["packages"]["podman"] = "5.4.2"


FAULTS = {
    "an older Debian": ("preflight.os", put("os", "VERSION_ID", value="12")),
    "another system": ("preflight.os", put("os", "ID", value="fedora")),
    "a foreign processor": ("preflight.architecture", put("architecture", value="riscv64")),
    "no systemd": ("preflight.init", put("init", value="openrc")),
    "no root rights": ("preflight.sudo", put("euid", value=1000)),
    "user namespaces off": ("preflight.user-namespaces", put("user_namespaces", "max", value=0)),
    "unprivileged user namespaces off": (
        "preflight.user-namespaces",
        put("user_namespaces", "unprivileged_clone", value=0),
    ),
    "too little disk": ("preflight.disk", put("disk", "free", value=GIB)),
    "a home that can't hold programs": ("preflight.mount", put("disk", "mount", value="rw,noexec ext4")),
    "too little memory": ("preflight.memory", put("memory", value=GIB)),
    "the stack's uid belongs to somebody": ("preflight.uid", put("account", "uid_holder", value="anna")),
    "the stack user has another uid": ("preflight.uid", put("account", value={"exists": True, "uid": 1001})),
    "the stack user lives elsewhere": (
        "preflight.home",
        put("account", value={"exists": True, "uid": 4000, "home": "/home/garrison"}),
    ),
    "Podman doesn't answer": ("preflight.podman", silence),
    "a system without a number": ("preflight.os", put("os", "VERSION_ID", value="trixie/sid")),
    "a very old Debian": ("preflight.os", put("os", "VERSION_ID", value="9")),
    "the door's port is taken": ("preflight.port", listen(8443)),
    "a service's port is taken": ("preflight.port", listen(8091)),
    "another run holds the lock": (
        "preflight.lock",
        put("lock", value={"who": "anna@desk", "since": "2026-01-01T10:00:00+00:00", "run": "abc"}),
    ),
}


def test_a_sound_host_has_no_finding(bare: Callable[..., Snapshot], wanted: Wanted) -> None:
    snapshot = bare()
    assert find_problems("h", snapshot, wanted, snapshot.time) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_with_its_remedy(fault: str, bare: Callable[..., Snapshot], wanted: Wanted) -> None:
    expected, change = FAULTS[fault]
    snapshot = bare(change)
    problems = find_problems("h", snapshot, wanted, snapshot.time)
    assert expected in {problem.id for problem in problems}
    assert all(problem.remedy for problem in problems)


@pytest.mark.parametrize(("ahead", "side"), [(500.0, "behind"), (-500.0, "ahead of")])
def test_a_clock_that_is_off_is_found_and_says_how_far(
    ahead: float, side: str, bare: Callable[..., Snapshot], wanted: Wanted
) -> None:
    snapshot = bare()
    (problem,) = find_problems("h", snapshot, wanted, snapshot.time + ahead)
    assert problem.id == "preflight.clock"
    assert f"500 s {side}" in problem.what


def test_all_faults_are_told_at_once(bare: Callable[..., Snapshot], wanted: Wanted) -> None:
    changes = [change for _, change in FAULTS.values()]
    snapshot = bare(*changes)
    found = {problem.id for problem in find_problems("h", snapshot, wanted, snapshot.time + 999)}
    # The last change of the account wins: the others are tried one by one above.
    of_account = {"preflight.uid", "preflight.home", "preflight.podman"}
    assert {expected for expected, _ in FAULTS.values()} - of_account <= found


def test_the_stack_users_own_listeners_are_no_clash(bare: Callable[..., Snapshot], wanted: Wanted) -> None:
    home = wanted.settings.stack_home
    ours = put("account", value={"exists": True, "uid": wanted.settings.stack_uid, "home": home})
    snapshot = bare(ours, listen(8443, uid=wanted.settings.stack_uid))
    assert find_problems("h", snapshot, wanted, snapshot.time) == []


def test_who_would_be_cut_off_by_the_firewall_is_told_before_it_stands(
    bare: Callable[..., Snapshot], wanted: Wanted
) -> None:
    web = {"protocol": "tcp", "address": "0.0.0.0", "port": 80, "process": "apache2", "uid": 0}  # noqa: S104
    with_web = (put("listeners", value=[web]), put("host", value=NOTHING))
    found = bare(*with_web)
    (problem,) = find_problems("h", found, wanted, found.time)
    assert problem.id == "preflight.cut-off"
    assert "apache2 listens at tcp 0.0.0.0:80" in problem.what
    assert "allowed_listeners" in problem.remedy
    declared = replace(wanted, settings=wanted.settings.model_copy(update={"allowed_listeners": ("tcp/80",)}))
    assert find_problems("h", found, declared, found.time) == []
    stands = put("host", value=NOTHING | {"texts": {FIREWALL: "table inet garrison {}"}})
    assert find_problems("h", bare(*with_web, stands), wanted, found.time) == []


def test_another_syslog_daemon_is_not_removed_for_the_one_that_sends_logs(
    bare: Callable[..., Snapshot], wanted: Wanted
) -> None:
    found = bare(put("host", value=NOTHING | {"packages": ["syslog-ng-core"]}))
    assert find_problems("h", found, wanted, found.time) == []
    ships = {"log_shipping": LogShipping(server="logs.example.net")}
    settings = wanted.settings.model_copy(update=ships)
    (problem,) = find_problems("h", found, replace(wanted, settings=settings), found.time)
    assert problem.id == "preflight.syslog"
    assert problem.what.startswith("syslog-ng-core is installed")


def test_the_lock_says_who_holds_it_and_since_when(bare: Callable[..., Snapshot], wanted: Wanted) -> None:
    snapshot = bare(FAULTS["another run holds the lock"][1])
    (problem,) = find_problems("h", snapshot, wanted, snapshot.time)
    assert "anna@desk" in problem.what
    assert "2026-01-01T10:00:00" in problem.what


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"ssh_user": "ops"}, []),
        ({}, []),
        ({"ssh_user": "root"}, ["preflight.root"]),
        ({"ssh_user": "ops", "ssh_password": "guess"}, ["preflight.no-key"]),
        ({"ssh_user": "ops", "_sudo_password": "guess"}, ["preflight.sudo-password"]),
    ],
)
def test_who_would_be_shut_out_is_told_before(
    data: dict[str, str], found: list[str], bare: Callable[..., Snapshot], wanted: Wanted
) -> None:
    snapshot = bare()
    settings = HostSettings.from_data("host", {"server_names": ["host.example"], **data})
    problems = find_problems("host", snapshot, replace(wanted, settings=settings), now=snapshot.time)
    assert [problem.id for problem in problems] == found
