"""PAM: profiles for pam-auth-update, one line in su's file, and settings that are never worse than before."""

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from garrison.hardening.pam import (
    FAILLOCK,
    PWQUALITY,
    SU,
    missing_modules,
    plan_pam,
    profile_files,
    values_for,
    with_pwquality,
    with_wheel,
)
from garrison.snapshot.host_model import HostFacts
from tests.unit.hardening.fresh import TEXTS, after, chosen, fresh, laid, lines

WHEEL = "auth       required   pam_wheel.so use_uid group=sugroup"
GOOD = {
    "/etc/pam.d/common-auth": "auth requisite pam_faillock.so preauth\nauth [success=2 default=ignore] pam_unix.so\n"
    "auth [default=die] pam_faillock.so authfail\n",
    "/etc/pam.d/common-account": "account required pam_faillock.so\naccount [success=1] pam_unix.so\n",
    "/etc/pam.d/common-password": "password requisite pam_pwquality.so retry=3\n"
    "password requisite pam_pwhistory.so remember=24 enforce_for_root use_authtok\n"
    "password [success=1] pam_unix.so use_authtok yescrypt\n",
}


def test_profiles_and_settings_are_the_recorded_ones(
    golden: Callable[[str, Mapping[str, bytes]], None],
) -> None:
    files = {path.rpartition("/")[2]: file.text.encode() for path, file in profile_files().items()}
    golden("hardening/pam", files | {"pwquality.conf": with_pwquality(None, chosen("strict")).encode()})


def test_a_fresh_host_lacks_all_but_the_session() -> None:
    modules = ("pam_unix", "pam_faillock", "pam_pwquality", "pam_pwhistory")
    assert missing_modules(fresh(), chosen("baseline")) == modules


def test_what_somebody_else_switched_on_is_not_switched_on_twice() -> None:
    assert missing_modules(fresh(texts=TEXTS | GOOD), chosen("baseline")) == ()


def test_everything_is_switched_on_in_one_guarded_step() -> None:
    (step,) = plan_pam(fresh(), chosen("baseline"))
    (update,) = [line for line in lines([step]) if "pam-auth-update" in line]
    assert "--disable unix --enable garrison-unix garrison-faillock-first garrison-faillock" in update
    assert "guard revert pam" in update
    assert laid([step]).keys() == {*profile_files(), PWQUALITY, FAILLOCK, SU}


def run_update(place: Path, host: HostFacts, becomes: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """The step's own line, with common files of the test's and a pam-auth-update that makes them so."""
    (step,) = plan_pam(host, chosen("baseline"))
    (line,) = [each for each in lines([step]) if "pam-auth-update" in each]
    for path, text in becomes.items():
        (place / path.rpartition("/")[2]).write_text(text)
    tools = place / "tools"
    tools.mkdir()
    (tools / "pam-auth-update").symlink_to("/bin/true")
    line = line.replace("/etc/pam.d/common-", f"{place}/common-").replace(
        "/usr/local/lib/garrison/guard", "true"
    )
    environment = {"PATH": f"{tools}:/usr/bin:/bin"}
    return subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, env=environment)


def test_common_files_with_every_line_that_was_missing_prove_the_update(tmp_path: Path) -> None:
    done = run_update(tmp_path, fresh(), TEXTS | GOOD)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["auth", "account", "password"])
def test_a_common_file_that_was_edited_by_hand_fails_the_step_with_its_remedy(
    tmp_path: Path, name: str
) -> None:
    path = f"/etc/pam.d/common-{name}"
    done = run_update(tmp_path, fresh(), TEXTS | GOOD | {path: TEXTS[path]})
    assert done.returncode != 0
    assert "pam-auth-update --force" in done.stderr


def test_a_line_of_pam_unix_with_nullok_fails_the_step(tmp_path: Path) -> None:
    path = "/etc/pam.d/common-auth"
    edited = GOOD[path] + "auth sufficient pam_unix.so nullok\n"
    assert run_update(tmp_path, fresh(), TEXTS | GOOD | {path: edited}).returncode != 0


def test_a_host_that_has_it_is_left_alone() -> None:
    host = fresh(texts=TEXTS | GOOD)
    assert list(plan_pam(after(host, plan_pam(host, chosen("strict"))), chosen("strict"))) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {"unlock_time": "900", "deny": "4"}),
        ("deny = 3\nunlock_time = 1200\n", {}),
        ("deny = 0\nunlock_time = 900\n", {"deny": "4"}),
        ("deny = 10 # many\nunlock_time = 1000\n", {"deny": "4"}),
    ],
)
def test_a_better_value_is_left_alone(text: str, expected: dict[str, str]) -> None:
    assert values_for(chosen("baseline"), FAILLOCK, text) == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("auth sufficient pam_rootok.so\nrest\n", f"auth sufficient pam_rootok.so\n{WHEEL}\nrest\n"),
        (f"auth sufficient pam_rootok.so\n{WHEEL}\n", f"auth sufficient pam_rootok.so\n{WHEEL}\n"),
        ("@include common-auth\n", f"auth       sufficient pam_rootok.so\n{WHEEL}\n@include common-auth\n"),
    ],
)
def test_root_comes_through_su_before_anybody_is_asked(before: str, expected: str) -> None:
    assert with_wheel(before) == expected


@pytest.mark.parametrize(
    ("before", "lines"),
    [
        ("# minlen = 8\nminlen = 8\n", ["# minlen = 8", "minlen = 14"]),
        ("minlen = 20\nenforce_for_root\n", ["minlen = 20", "enforce_for_root"]),
    ],
)
def test_passwords_are_never_asked_less(before: str, lines: list[str]) -> None:
    text = with_pwquality(before, chosen("baseline"))
    assert text.splitlines()[:2] == lines
    assert with_pwquality(text, chosen("baseline")) == text
