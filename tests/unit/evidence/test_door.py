"""What a client sees at the door: each rule passes and fails once."""

import datetime

import pytest

from garrison.evidence.door import (
    Answer,
    Certificate,
    judge_admissions,
    judge_certificate,
    judge_redirect,
    judge_refusals,
    judge_transport_security,
    judge_versions,
)
from garrison.problem import Problem

NOW = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
NAMES = ("lab.test", "192.0.2.7")
URL = "https://lab.test:8443/api/"
REFUSAL = {"content-type": "application/problem+json; charset=utf-8"}


def ids(problems: list[Problem]) -> list[str]:
    return [problem.id for problem in problems]


def answer(status: int, **headers: str) -> Answer:
    return Answer(
        url=URL, status=status, headers={key.replace("_", "-"): value for key, value in headers.items()}
    )


def test_a_401_problem_document_is_a_refusal() -> None:
    assert judge_refusals([Answer(url=URL, status=401, headers=REFUSAL)]) == []


@pytest.mark.parametrize("status", [200, 302, 403, 404, 500, 502])
def test_any_other_answer_without_a_key_is_an_open_route(status: int) -> None:
    assert ids(judge_refusals([answer(status)])) == ["door.open"]


def test_a_bare_401_is_not_what_we_promise() -> None:
    assert ids(judge_refusals([answer(401, content_type="text/html")])) == ["door.no-problem-document"]


def test_a_good_key_must_open() -> None:
    assert judge_admissions([answer(200)]) == []
    assert ids(judge_admissions([answer(401)])) == ["door.closed"]


def test_plain_http_leads_to_the_same_host_over_https() -> None:
    good = answer(301, location="https://lab.test:8443/a?b=1")
    assert judge_redirect(good, "lab.test", 8443, "/a?b=1") == []


@pytest.mark.parametrize(
    "wrong",
    [
        answer(302, location="https://lab.test:8443/"),
        answer(301, location="https://evil.test:8443/"),
        answer(301, location="https://lab.test/"),
        answer(200),
    ],
)
def test_any_other_answer_over_plain_http_is_found(wrong: Answer) -> None:
    assert ids(judge_redirect(wrong, "lab.test", 8443, "/")) == ["door.redirect"]


def test_two_years_of_transport_security_are_enough() -> None:
    assert judge_transport_security([answer(200, strict_transport_security="max-age=63072000")]) == []


@pytest.mark.parametrize("said", ["", "max-age=300", "includeSubDomains"])
def test_less_transport_security_is_found(said: str) -> None:
    assert ids(judge_transport_security([answer(200, strict_transport_security=said)])) == ["door.hsts"]


def test_only_the_modern_versions_of_tls_may_work() -> None:
    good = {"TLSv1": False, "TLSv1.1": False, "TLSv1.2": True, "TLSv1.3": True}
    assert judge_versions("lab", good) == []


@pytest.mark.parametrize(("version", "accepted"), [("TLSv1.1", True), ("TLSv1.3", False)])
def test_an_old_version_accepted_or_a_new_one_refused_is_found(version: str, accepted: bool) -> None:
    assert ids(judge_versions("lab", {version: accepted})) == ["door.tls-version"]


@pytest.mark.parametrize(
    ("certificate", "expected"),
    [
        (Certificate(names=frozenset(NAMES), begins=NOW - DAY, ends=NOW + 89 * DAY), []),
        (Certificate(names=frozenset({"lab.test"}), begins=NOW, ends=NOW + 90 * DAY), ["door.names"]),
        (
            Certificate(names=frozenset({*NAMES, "x.test"}), begins=NOW, ends=NOW + 90 * DAY),
            ["door.names"],
        ),
        (Certificate(names=frozenset(NAMES), begins=NOW, ends=NOW + 365 * DAY), ["door.lifetime"]),
        (Certificate(names=frozenset(NAMES), begins=NOW - 80 * DAY, ends=NOW + 6 * DAY), ["door.expiry"]),
    ],
)
def test_a_certificate_is_for_our_names_and_short_lived(
    certificate: Certificate, expected: list[str]
) -> None:
    assert ids(judge_certificate("lab", certificate, NAMES, NOW)) == expected
