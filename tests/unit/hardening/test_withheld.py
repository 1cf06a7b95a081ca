"""A file whose text wasn't told is never replaced, and its controls fail as unseen."""

import pytest

from garrison.controls.conditions import Mount, TextFile
from garrison.controls.judge.files import judge_text
from garrison.hardening.login_defs import LOGIN_DEFS, USERADD, plan_login_defs
from garrison.hardening.mounts import FSTAB, plan_mounts
from garrison.hardening.pam import COMMON, FAILLOCK, PWQUALITY, SU, missing_modules, plan_pam
from garrison.hardening.shell import ROOT_FILES, SHELLS, plan_shell
from garrison.hardening.sshd import MAIN, plan_sshd
from garrison.snapshot.host_model import HostFacts
from tests.unit.hardening.fresh import TEXTS, chosen, fresh, laid, lines, settings
from tests.unit.hardening.seen import seen

SHARED_MEMORY = Mount.model_validate({"kind": "mount", "path": "/dev/shm", "options": ["noexec"]})


def withheld(*paths: str) -> HostFacts:
    return fresh(texts=TEXTS | dict.fromkeys(paths), texts_withheld=paths)


@pytest.mark.parametrize("path", [*ROOT_FILES, SHELLS, PWQUALITY, FAILLOCK, SU, MAIN, LOGIN_DEFS])
def test_a_file_that_others_wrote_is_left_alone(path: str) -> None:
    host, strict = withheld(path), chosen("strict")
    steps = [*plan_shell(host, strict), *plan_pam(host, strict), *plan_login_defs(host, strict)]
    assert path not in laid([*steps, *plan_sshd(host, strict, settings())])


@pytest.mark.parametrize("path", [*ROOT_FILES, PWQUALITY])
def test_a_file_that_is_not_there_is_still_begun(path: str) -> None:
    host = fresh(texts=TEXTS | {path: None})
    assert path in laid([*plan_shell(host, chosen("strict")), *plan_pam(host, chosen("strict"))])


def test_fstab_is_left_alone() -> None:
    assert list(plan_mounts(seen(texts={FSTAB: None}, texts_withheld=[FSTAB]), [SHARED_MEMORY])) == []
    (step,) = plan_mounts(seen(texts={FSTAB: None}), [SHARED_MEMORY])
    assert step.title == "write mount options"


def test_no_program_is_run_each_time_for_what_nobody_can_see() -> None:
    host = withheld(USERADD, *(f"{COMMON}{name}" for name in ("auth", "account", "session", "password")))
    assert not any("useradd" in line for line in lines(plan_login_defs(host, chosen("strict"))))
    assert missing_modules(host, chosen("strict")) == ()


def test_its_control_fails_as_unseen() -> None:
    condition = TextFile.model_validate({"kind": "text", "path": "/root/.bashrc", "has": "umask"})
    (found,) = judge_text(condition, withheld("/root/.bashrc"))
    assert found.is_unseen
    assert not found.is_absent
