"""Accounts: ages, locks, shells and homes change only where that bars nobody who is meant to come in."""

from types import SimpleNamespace
from typing import Any

import pytest

from garrison.controls.code.passwords import judge_days
from garrison.controls.conditions import Code
from garrison.hardening.accounts import plan_accounts, plan_groups
from tests.unit.hardening.fresh import GROUPS, PEOPLE, chosen, fresh, lines, person, settings

DAY = 86400
TODAY = 20000
ROOT, SYNC, OPS = PEOPLE


def commands(*people: dict[str, Any], level: Any = "strict", **said: Any) -> list[str]:
    host = fresh(accounts=people)
    return lines(plan_accounts(host, chosen(level), settings(**said), TODAY * DAY))


def test_an_untouched_host_needs_nothing() -> None:
    assert commands(*PEOPLE) == []


def test_a_password_is_given_its_days() -> None:
    (line,) = commands(person())
    assert line.endswith(" anna")
    assert "--maxdays 365" in line
    assert "--mindays 1" in line
    assert "--inactive 45" in line


@pytest.mark.parametrize("last_change", [TODAY - 400, TODAY - 360, None])
def test_a_password_that_would_expire_at_once_keeps_its_age(last_change: int | None) -> None:
    (line,) = commands(person(last_change=last_change))
    assert "--maxdays" not in line
    assert "--inactive" not in line


@pytest.mark.parametrize("name", ["root", "ops", "anna"])
def test_whoever_has_to_come_in_is_given_no_end(name: str) -> None:
    given = commands(person(name), person("eve"), level="baseline", ssh_users=["anna"])
    assert given == ["chage --maxdays 365 --inactive 45 eve"]


def test_who_is_spared_an_end_still_fails_the_control() -> None:
    host = fresh(accounts=[person("ops")])
    asked = {
        each.arguments["of"]: each for each in chosen("baseline").of(Code) if each.name == "password-days"
    }
    arguments = asked["max_days"].arguments
    (found,) = judge_days(SimpleNamespace(host=host), **arguments)
    assert found.where == "ops"


def test_whoever_comes_by_key_alone_never_expires() -> None:
    key_only = OPS | {"max_days": 365, "last_change": TODAY - 364}
    assert commands(ROOT, key_only) == ["chage --maxdays -1 --inactive -1 ops"]


@pytest.mark.parametrize("days", [None, -1, 99999])
def test_an_account_that_has_no_age_is_left_alone(days: int | None) -> None:
    assert commands(ROOT, OPS | {"max_days": days}) == []


def test_root_is_locked_at_strict_and_then_has_no_age() -> None:
    aged = {"max_days": 365, "min_days": 1, "warn_days": 7, "inactive_days": 45, "last_change": TODAY}
    root = ROOT | aged | {"password": "set"}
    assert commands(root) == ["usermod --lock root", "chage --maxdays -1 --inactive -1 root"]
    assert commands(root, level="baseline") == []


def test_root_without_a_password_is_locked_at_every_level() -> None:
    assert "usermod --lock root" in commands(ROOT | {"password": "none"}, level="baseline")


def test_the_group_that_may_log_in_has_who_deploys_and_whom_the_inventory_names() -> None:
    host = fresh(accounts=[*PEOPLE, person()])
    steps = plan_groups(host, chosen("baseline"), settings(ssh_users=["anna", "nobody-here"]))
    assert lines(steps) == [
        "groupadd --system garrison-ssh",
        "groupadd --system sugroup",
        "gpasswd --add ops garrison-ssh",
        "gpasswd --add anna garrison-ssh",
    ]


def test_groups_that_are_as_wanted_are_left_alone() -> None:
    groups = [
        *GROUPS,
        {"name": "garrison-ssh", "gid": 990, "members": ["ops", "eve"]},
        {"name": "sugroup", "gid": 991},
    ]
    assert list(plan_groups(fresh(groups=groups), chosen("baseline"), settings())) == []


def test_an_account_of_the_system_says_so_to_who_tries() -> None:
    daemon = ROOT | {"name": "daemon", "uid": 1, "gid": 1, "shell": "/bin/false"}
    assert commands(daemon) == ["usermod --shell /usr/sbin/nologin daemon"]
    assert commands(daemon | {"shell": "/usr/sbin/nologin"}) == []
