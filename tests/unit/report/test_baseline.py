"""Beside a baseline only what is new fails, and what was fixed is named."""

import json
from dataclasses import replace

import pytest

from garrison.controls.result import State
from garrison.problem import ProblemError
from garrison.report.baseline import compare, read_baseline
from garrison.report.document import to_document
from garrison.report.result import Found, Report, Result
from tests.unit.report.sample import REPORT, ROOT_LOGS_IN, problem, result

ANSWERED = replace(REPORT, levels={"alpha": "strict", "beta": "baseline"}, unanswered={})


def saved(report: Report) -> str:
    return json.dumps(to_document(report))


def against(now: tuple[Result, ...], before: tuple[Result, ...]) -> Report:
    baseline = read_baseline("base.json", saved(replace(ANSWERED, results=before)))
    return compare(replace(ANSWERED, results=now), baseline)


def test_a_run_like_the_one_before_is_good() -> None:
    compared = against(ANSWERED.results, ANSWERED.results)
    assert (ANSWERED.exit_code, compared.exit_code) == (1, 0)
    assert compared.new == ()
    assert compared.fixed == ()


def test_a_failure_that_is_new_fails() -> None:
    passed = replace(ROOT_LOGS_IN, state=State.PASSED, findings=())
    compared = against((ROOT_LOGS_IN,), (passed,))
    assert compared.exit_code == 1
    assert compared.new == (ROOT_LOGS_IN,)


def test_a_known_control_with_a_new_finding_fails() -> None:
    more = (*ROOT_LOGS_IN.findings, Found(problem=problem("S06", "sshd -T of port 2222", "also there.")))
    assert against((replace(ROOT_LOGS_IN, findings=more),), (ROOT_LOGS_IN,)).exit_code == 1


def found(control: str, where: str, what: str, id_: str = "") -> Result:
    finding = Found(problem=problem(id_ or control, where, what))
    return result(control, "It holds", State.FAILED, findings=(finding,))


@pytest.mark.parametrize(
    ("control", "where", "known", "now"),
    [
        ("F03", "inet filter input", "a rule lets in what nobody declares: tcp dport 4444 accept.",
         "a rule lets in what nobody declares: tcp dport 31337 accept."),
        ("S11", "/etc/sudoers.d/90-cloud", "it gives anna NOPASSWD.", "it gives eve NOPASSWD."),
        ("S04", "sshd -T ciphers", "it offers 3des-cbc.", "it offers aes256-cbc."),
        ("S06", "sshd -T", "permitrootlogin is prohibit-password.", "permitrootlogin is yes."),
    ],
)  # fmt: skip
def test_another_failure_at_the_same_place_is_new(control: str, where: str, known: str, now: str) -> None:
    assert against((found(control, where, now),), (found(control, where, known),)).exit_code == 1
    assert against((found(control, where, known),), (found(control, where, known),)).exit_code == 0


@pytest.mark.parametrize(
    ("control", "finding", "known", "now"),
    [
        ("S34", "S34", "its password was changed 12 days from now.", "its password was changed 11 days from now."),
        ("C01", "containers-are-supervised.health", "it is starting, not healthy.", "it is unhealthy, not healthy."),
        ("N05", "pairs-are-the-declared-ones.open", "no need allows it, and 10.89.0.2:80 (connected) answered.",
         "no need allows it, and 10.89.3.7:80 (connected) answered."),
    ],
)  # fmt: skip
def test_what_passes_makes_no_known_failure_new(control: str, finding: str, known: str, now: str) -> None:
    before = found(control, "here", known, finding)
    assert against((found(control, "here", now, finding),), (before,)).exit_code == 0


def test_the_same_failure_on_another_host_is_new() -> None:
    assert against((replace(ROOT_LOGS_IN, host="beta"),), (ROOT_LOGS_IN,)).exit_code == 1


def test_a_waiver_that_has_ended_is_a_new_failure() -> None:
    waived = result(
        "S09", "Nothing is forwarded", State.WAIVED, findings=(Found(problem=problem("S09", "x", "y"), waiver="z"),)
    )  # fmt: skip
    failed = replace(waived, state=State.FAILED, findings=(Found(problem=problem("S09", "x", "y")),))
    assert against((failed,), (waived,)).exit_code == 1


def test_a_failure_without_a_finding_is_known_by_its_control() -> None:
    bare = replace(ROOT_LOGS_IN, findings=())
    assert against((bare,), (bare,)).exit_code == 0
    assert against((bare,), ()).exit_code == 1


def test_what_was_fixed_is_named() -> None:
    passed = replace(ROOT_LOGS_IN, state=State.PASSED, findings=())
    compared = against((passed,), (ROOT_LOGS_IN,))
    assert [str(key) for key in compared.fixed or ()] == [
        "alpha S06 sshd -T (S06): permitrootlogin is yes, wanted no."
    ]


def test_what_was_not_looked_at_is_not_fixed() -> None:
    assert against((), (ROOT_LOGS_IN,)).fixed == ()


def test_a_host_without_an_answer_fails_whatever_is_known() -> None:
    assert compare(REPORT, frozenset(key for one in REPORT.results for key in one.keys)).exit_code == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Invalid JSON"),
        ("[]", "object"),
        ('{"results": []}', "schema: Field required"),
        ('{"schema": 2, "results": []}', "schema: Input should be 1"),
        ('{"schema": 1, "results": [{"host": "a"}]}', "results.0.control: Field required"),
    ],
)
def test_what_is_no_baseline_is_refused(text: str, said: str) -> None:
    with pytest.raises(ProblemError) as refused:
        read_baseline("base.json", text)
    assert said in str(refused.value)
    assert "base.json" in str(refused.value)
