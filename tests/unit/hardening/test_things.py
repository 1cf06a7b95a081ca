"""Files, packages, units and AIDE's database: what a deploy does about them."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from garrison.controls.conditions import File, Package, Unit
from garrison.controls.judge.software import judge_package
from garrison.hardening.aide import DATABASE, FIRST, plan_database
from garrison.hardening.files import plan_files
from garrison.hardening.packages import CLIENTS, missing_packages, plan_removal
from garrison.hardening.units import plan_units
from tests.unit.hardening.fresh import chosen
from tests.unit.hardening.seen import lines, seen

AIDE = (Package(kind="package", name="aide", present=True),)
NOTHING: frozenset[str] = frozenset()


def state(mode: int, user: str = "root", group: str = "root") -> dict[str, Any]:
    return {"mode": mode, "uid": 0, "gid": 0, "user": user, "group": group}


def file(path: str, mode: str = "0640", **said: Any) -> File:
    return File(kind="file", path=path, mode=mode, **said)


def test_a_narrower_mode_than_allowed_is_left_alone() -> None:
    snapshot = seen(files={"/etc/x": {"/etc/x": state(0o600)}})
    assert list(plan_files(snapshot, [file("/etc/x")], brings_packages=False)) == []


def test_files_of_packages_that_this_run_brings_are_gone_through_unseen() -> None:
    snapshot = seen(files={"/var/log/*.log": {}})
    assert len(list(plan_files(snapshot, [file("/var/log/*.log")], brings_packages=True))) == 1


def test_a_link_that_leads_nowhere_is_no_reason_to_change_anything() -> None:
    snapshot = seen(files={"/etc/x": {"/etc/x": {"link": "/gone"}}})
    assert list(plan_files(snapshot, [file("/etc/x")], brings_packages=False)) == []


@pytest.mark.parametrize(
    ("before", "allowed", "after"),
    [(0o666, "0640", 0o640), (0o4755, "0755", 0o755), (0o600, "0640", 0o600), (0o777, "0700", 0o700)],
)
def test_a_mode_loses_only_what_is_too_much(tmp_path: Path, before: int, allowed: str, after: int) -> None:
    """The shell does it on a real file, one with a blank in its name."""
    path = tmp_path / "a file"
    path.touch()
    path.chmod(before)
    wanted = file(f"{tmp_path}/a*", allowed)
    snapshot = seen(files={wanted.path: {str(path): state(0o7777)}})
    (line,) = lines(*plan_files(snapshot, [wanted], brings_packages=False))
    subprocess.run(["sh", "-c", line], check=True)
    assert path.stat().st_mode & 0o7777 == after


def test_a_list_that_must_be_there_is_made_and_an_owners_own_is_kept() -> None:
    wanted = file("/etc/cron.allow", must_exist=True)
    made = lines(*plan_files(seen(files={wanted.path: {}}), [wanted], brings_packages=False))
    kept = seen(files={wanted.path: {wanted.path: state(0o640)}})
    assert "echo root >/etc/cron.allow" in made[0]
    assert list(plan_files(kept, [wanted], brings_packages=False)) == []


def test_packages_that_are_there_are_not_missing() -> None:
    snapshot = seen(packages=["aide", "chrony"])
    assert missing_packages(snapshot, AIDE) == ()


def test_a_host_without_a_time_daemon_gets_one() -> None:
    assert missing_packages(seen(packages=["aide"]), AIDE) == ("systemd-timesyncd",)


def absent(*names: str) -> list[Package]:
    return [Package(kind="package", name=name, present=False) for name in names]


def test_nothing_is_removed_that_isnt_there() -> None:
    assert list(plan_removal(seen(packages=["aide"]), absent("telnet"), ["nginx"])) == []


def test_a_server_that_nobody_named_stays() -> None:
    unwanted = [each for each in chosen("strict").of(Package) if not each.present]
    servers = {each.name for each in unwanted} - CLIENTS
    assert {"nginx", "samba", "bind9", "nis", "autofs"} <= servers
    assert list(plan_removal(seen(packages=sorted(servers)), unwanted, [])) == []


def test_what_the_inventory_names_is_removed_but_nothing_that_needs_it() -> None:
    refuse, remove = lines(*plan_removal(seen(packages=["nginx", "samba"]), absent("samba"), ["nginx"]))
    assert "exit 1" in refuse
    assert remove.endswith("remove -y nginx")


def test_a_client_that_something_needs_is_in_no_plan() -> None:
    """Or it would stand in every one, and never go."""
    kept = {"telnet": ("app",), "ftp": ()}
    step, *others = plan_removal(seen(packages=["ftp", "telnet"], kept_by=kept), absent("ftp", "telnet"), [])
    assert (step.title, others) == ("remove ftp", [])


def test_what_keeps_a_client_is_said() -> None:
    host = seen(packages=["telnet"], kept_by={"telnet": ("app", "suite")}).host
    assert host is not None
    (condition,) = absent("telnet")
    (found,) = judge_package(condition, host)
    assert found.what == "it is installed and needed by app, suite."


@pytest.mark.parametrize(("taken", "said"), [("telnet", "removed telnet"), ("app telnet", "telnet stays")])
def test_a_client_is_removed_unless_something_needs_it(tmp_path: Path, taken: str, said: str) -> None:
    """A shell runs it, with an apt that tells what would go."""
    apt = tmp_path / "apt-get"
    simulate = "".join(f"echo Remv {name};" for name in taken.split())
    apt.write_text(f'#!/bin/sh\nif [ "$1" = -s ]; then {simulate} else shift 5; echo removed "$@"; fi\n')
    dpkg = tmp_path / "dpkg"
    dpkg.write_text("#!/bin/sh\n")
    # Where dpkg's lock is waited for: it is root's, and these tests aren't.
    timeout = tmp_path / "timeout"
    timeout.write_text("#!/bin/sh\n")
    for program in (apt, dpkg, timeout):
        program.chmod(0o755)
    (line,) = lines(*plan_removal(seen(packages=["telnet"]), absent("telnet"), []))
    done = subprocess.run(
        ["sh", "-c", line],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(said)


def unit(**said: Any) -> Unit:
    return Unit(kind="unit", name="x.service", **said)


@pytest.mark.parametrize(
    ("wanted", "found", "words"),
    [
        ({"enabled": True, "active": True}, ("loaded", "enabled", "active"), []),
        ({"enabled": True}, ("loaded", "static", "inactive"), []),
        ({"enabled": True, "active": True}, ("loaded", "disabled", "inactive"), ["enable -q", "start"]),
        ({"enabled": True}, ("masked", "masked", "inactive"), ["unmask -q", "enable -q"]),
        ({"enabled": False, "active": False}, ("loaded", "enabled", "active"), ["disable -q", "stop"]),
        ({"enabled": False, "active": False}, ("not-found", "", "inactive"), []),
        ({"masked": True}, ("loaded", "enabled", "active"), ["mask -q"]),
    ],
)
def test_a_unit_is_brought_to_how_it_should_run(
    wanted: dict[str, bool], found: tuple[str, str, str], words: list[str]
) -> None:
    load, enabled, active = found
    snapshot = seen(units={"x.service": {"load": load, "enabled": enabled, "active": active}})
    assert lines(*plan_units(snapshot, [unit(**wanted)], NOTHING)) == [
        f"systemctl {each} x.service" for each in words
    ]


def test_a_unit_that_this_run_lays_down_is_enabled_in_the_same_run() -> None:
    snapshot = seen(units={"x.service": {"load": "not-found", "enabled": "", "active": "inactive"}})
    steps = plan_units(snapshot, [unit(enabled=True)], frozenset({"x.service"}))
    assert lines(*steps) == ["systemctl enable -q x.service"]


def test_the_first_look_at_all_files_is_waited_for_by_nobody() -> None:
    assert lines(*plan_database(seen(files={DATABASE: {}}), AIDE)) == [f"systemctl start --no-block {FIRST}"]


def test_a_first_look_that_goes_on_is_not_begun_again() -> None:
    units = {FIRST: {"load": "loaded", "enabled": "enabled", "active": "activating"}}
    assert list(plan_database(seen(files={DATABASE: {}}, units=units), AIDE)) == []
