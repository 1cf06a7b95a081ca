"""What machines read is as their formats ask."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from garrison.controls.result import State
from garrison.report.junit import to_junit
from garrison.report.page import to_page
from garrison.report.result import Found
from garrison.report.sarif import to_sarif
from tests.unit.report.sample import REPORT, ROOT_LOGS_IN, problem, result

SARIF_LEVELS = {"error", "warning", "note"}


@pytest.fixture
def run() -> dict[str, Any]:
    (run,) = to_sarif(REPORT)["runs"]
    return dict(run)


def test_each_sarif_result_points_at_its_rule(run: dict[str, Any]) -> None:
    rules = run["tool"]["driver"]["rules"]
    assert [rules[one["ruleIndex"]]["id"] for one in run["results"]] == [
        one["ruleId"] for one in run["results"]
    ]


def test_each_control_is_a_sarif_rule_once_with_its_standards_as_tags(run: dict[str, Any]) -> None:
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert len(rules) == len(run["tool"]["driver"]["rules"]) == len({one.control for one in REPORT.results})
    assert "NIST SP 800-53 r5 AC-17(a)" in rules["S06"]["properties"]["tags"]


def test_sarif_results_are_what_failed_and_what_is_waived(run: dict[str, Any]) -> None:
    suppressed = [one["ruleId"] for one in run["results"] if "suppressions" in one]
    assert sorted(one["ruleId"] for one in run["results"]) == ["S06", "S08", "S08", "S08", "S09"]
    assert suppressed == ["S08", "S09"]
    assert {one["level"] for one in run["results"]} <= SARIF_LEVELS


def test_sarif_fingerprints_tell_findings_apart_and_stay_when_days_go_by(run: dict[str, Any]) -> None:
    prints = [one["partialFingerprints"]["garrisonFinding/v2"] for one in run["results"]]
    assert len(set(prints)) == len(prints)

    def print_of(id_: str, what: str) -> str:
        found = Found(problem=problem(id_, "sshd -T", what))
        other = to_sarif(replace(REPORT, results=(replace(ROOT_LOGS_IN, findings=(found,)),)))
        return str(other["runs"][0]["results"][0]["partialFingerprints"]["garrisonFinding/v2"])

    assert print_of("S06", "permitrootlogin is yes, wanted no.") == prints[0]
    assert print_of("S06", "permitrootlogin is without-password.") != prints[0]
    assert print_of("S34", "it changed 12 days from now.") == print_of("S34", "it changed 9 days from now.")


def test_sarif_says_that_a_host_gave_no_answer(run: dict[str, Any]) -> None:
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "gamma" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_a_failed_control_without_a_finding_is_told_in_every_format() -> None:
    report = replace(REPORT, results=(replace(ROOT_LOGS_IN, findings=()),))
    assert len(to_sarif(report)["runs"][0]["results"]) == 1
    assert 'failures="1"' in to_junit(report)


def test_junit_counts_are_those_of_its_cases() -> None:
    root = ElementTree.fromstring(to_junit(REPORT))  # noqa: S314 - it is our own
    for node in (root, *root.iter("testsuite")):
        for name, tag in (
            ("tests", "testcase"),
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ):
            assert node.get(name) == str(len(list(node.iter(tag))))


def test_a_junit_case_is_a_control_of_a_host() -> None:
    root = ElementTree.fromstring(to_junit(REPORT))  # noqa: S314
    cases = {(one.get("classname"), one.get("name")) for one in root.iter("testcase")}
    assert ("alpha.access", "S06 Root does not log in over SSH") in cases
    assert len(cases) == len(REPORT.results) + 1


def test_what_xml_cannot_say_does_not_break_junit() -> None:
    odd = result("S99", "A title with \x00 and \ufffe in it", State.NOT_APPLICABLE, note="\x1b]0;x\x07")
    ElementTree.fromstring(to_junit(replace(REPORT, results=(odd,))))  # noqa: S314


class Loads(HTMLParser):
    """Keeps whatever a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = ("src", "href", "action", "data", "srcset", "poster")
        self.found += [f"{tag} {name}" for name, _ in attrs if name in names or name.startswith("on")]


def test_the_page_loads_nothing(root: Path) -> None:
    page = to_page(REPORT, (root / "templates" / "report" / "check.html.j2").read_text())
    loads = Loads()
    loads.feed(page)
    assert loads.found == []
    assert not re.search(r"url\(|@import|fetch\(|https?://", page)
    assert "default-src 'none'" in page


def test_the_page_runs_nothing_that_a_host_said(root: Path) -> None:
    template = (root / "templates" / "report" / "check.html.j2").read_text()
    evil = result("S98", "<script>alert(1)</script>", State.DEVIATES, note="</details><img onerror=alert(1)>")
    page = to_page(replace(REPORT, results=(evil,)), template)
    assert page.count("<script>") == 1
    assert "<img" not in page
