"""What new accounts and shells begin with: login.defs, useradd's defaults, profiles, the list of shells."""

import pytest

from garrison.hardening.login_defs import plan_login_defs, with_values
from garrison.hardening.shell import plan_shell, with_umask, without_nologin
from garrison.hardening.texts import set_keys
from tests.unit.hardening.fresh import TEXTS, after, chosen, fresh, laid, lines


def test_login_defs_is_edited_where_it_is_worse() -> None:
    text = laid(plan_login_defs(fresh(), chosen("strict")))["/etc/login.defs"]
    assert "# comment\nPASS_MAX_DAYS\t365\nPASS_MIN_DAYS\t1\n" in text


def test_login_defs_that_is_better_is_left_alone() -> None:
    defs = {"PASS_MAX_DAYS": "90", "PASS_MIN_DAYS": "2"}
    text = laid(plan_login_defs(fresh(login_defs=defs), chosen("strict"))).get("/etc/login.defs", "")
    assert "PASS_MAX_DAYS\t365" not in text


def test_useradd_is_told_when_accounts_lock() -> None:
    assert "useradd --defaults --inactive 45" in lines(plan_login_defs(fresh(), chosen("baseline")))
    told = fresh(texts=TEXTS | {"/etc/default/useradd": "INACTIVE=30\n"})
    assert "useradd --defaults --inactive 45" not in lines(plan_login_defs(told, chosen("baseline")))


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("A 1\nUMASK 022\n", "A 1\nUMASK\t027\n"),
        ("A 1\n# UMASK 022\n", "A 1\n# UMASK 022\nUMASK\t027\n"),
        ("UMASKS 1\n", "UMASKS 1\nUMASK\t027\n"),
        ("UMASK 077\nA 1\nUMASK 022\n", "UMASK\t027\nA 1\nUMASK\t027\n"),
    ],
)
def test_a_key_of_login_defs_is_set_in_every_line_that_has_it(before: str, expected: str) -> None:
    assert with_values(before, {"UMASK": "027"}) == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("a = 1\n", "a = 2\n"),
        ("# a = 1\n", "# a = 1\na = 2\n"),
        ("", "a = 2\n"),
        ("aa = 1", "aa = 1\na = 2\n"),
    ],
)
def test_a_key_of_a_key_value_file_is_set_in_its_place(before: str, expected: str) -> None:
    assert set_keys(before, {"a": "2"}) == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("umask 022\n", "umask 027\n"),
        ("umask 077\n", "umask 077\numask 027\n"),
        ("# umask 022\n", "# umask 022\numask 027\n"),
        ("", "umask 027\n"),
        ("umask 027\n", "umask 027\n"),
    ],
)
def test_roots_umask_is_never_looser(before: str, expected: str) -> None:
    assert with_umask(before) == expected


def test_only_what_is_no_shell_goes_from_the_list_of_shells() -> None:
    assert without_nologin("# /sbin/nologin\n/bin/sh\n/usr/sbin/nologin\n") == "# /sbin/nologin\n/bin/sh\n"


def test_the_list_of_shells_is_cleaned_at_strict_only() -> None:
    assert "/etc/shells" not in laid(plan_shell(fresh(), chosen("baseline")))
    assert "/etc/shells" in laid(plan_shell(fresh(), chosen("strict")))


def test_a_host_that_has_it_is_left_alone() -> None:
    host = after(fresh(), plan_shell(fresh(), chosen("strict")))
    assert list(plan_shell(host, chosen("strict"))) == []


@pytest.mark.parametrize(
    ("before", "expected"),
    [("PS1='$ '\n", "PS1='$ '\numask 027\n"), ("umask 022\n", "umask 027\n"), ("umask 077\n", None)],
)
def test_interactive_shells_begin_with_a_umask_that_is_never_made_looser(
    before: str, expected: str | None
) -> None:
    host = fresh(texts=TEXTS | {"/etc/bash.bashrc": before})
    assert laid(plan_shell(host, chosen("baseline"))).get("/etc/bash.bashrc") == expected
