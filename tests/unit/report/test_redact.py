"""No report tells a secret, even if one got into a finding."""

from dataclasses import replace
from pathlib import Path

import pytest

from garrison.controls.result import State
from garrison.report.redact import HIDDEN, redact, redact_report
from garrison.report.result import Found
from tests.unit.report.sample import REPORT, problem, result
from tests.unit.report.test_reports import rendered

SECRETS = [
    ("root:{}:20000:", "$y$j9T$abcdefghijk$lmnopqrstuvwxyz0123456789"),
    ("PGPASSWORD={}", "correct-horse-battery"),
    ("db_password: '{}'", "correct-horse-battery"),
    ("postgresql://garrison:{}@localhost/db", "correct-horse-battery"),
    ("Authorization: Bearer {}", "abc.def-ghi_jkl"),
    ("X-API-Key = {}", "gk_0123456789abcdef"),
    ("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----", "MIIEvQIBADANBgkqhkiG9w0BAQ"),
]
HARMLESS = [
    "sshd -T: passwordauthentication is yes, wanted no.",
    "/run/secrets/garrison_db: its mode is 0444, wanted 0400.",
    "DB_PASSWORD_FILE=/run/secrets/garrison_db",
    "%garrison ALL=(ALL) NOPASSWD: /usr/bin/podman",
    "the secret garrison_redis stands there, as base64.",
    "https://lab.test:8443/aidb/",
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_a_secret_is_hidden(text: str, secret: str) -> None:
    said = redact(text.format(secret))
    assert secret not in said
    assert HIDDEN in said


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


def test_what_a_terminal_would_obey_is_shown_as_unknown() -> None:
    assert redact("a\x1b[2Jb\u202ec\nd\te") == "a�[2Jb�c\nd\te"


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_no_report_of_any_kind_tells_a_secret(text: str, secret: str, root: Path) -> None:
    said = text.format(secret)
    told = replace(problem("S90", said, said), remedy=said)
    results = (
        result("S90", "Nothing is told", State.FAILED, findings=(Found(problem=told),)),
        result("S91", "Nothing is told", State.DEVIATES, note=said),
    )
    report = replace(REPORT, results=results, unanswered={"gamma": (told,)})
    assert secret in "".join(rendered(report, root).values())
    assert all(secret not in one for one in rendered(redact_report(report), root).values())
