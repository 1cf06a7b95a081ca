"""Each report of one fabricated run is what the golden files say."""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from garrison.report.document import to_document
from garrison.report.junit import to_junit
from garrison.report.page import to_page
from garrison.report.result import Key, Report
from garrison.report.sarif import to_sarif
from garrison.report.table import draw_report
from tests.unit.report.sample import REPORT, problem

Golden = Callable[[str, Mapping[str, bytes]], None]
KNOWN = replace(
    REPORT,
    known=frozenset(
        {Key.of("alpha", "S06", problem("S06", "sshd -T", "permitrootlogin is yes, wanted no."))}
    ),
    fixed=(Key.of("beta", "S06", problem("S06", "sshd -T", "permitrootlogin is yes, wanted no.")),),
)


def drawn(report: Report, width: int = 80, **how: bool) -> str:
    out = io.StringIO()
    Console(file=out, width=width).print(draw_report(report, **how))
    return out.getvalue()


def rendered(report: Report, root: Path) -> dict[str, str]:
    template = (root / "templates" / "report" / "check.html.j2").read_text()
    return {
        "table.txt": drawn(report),
        "all.txt": drawn(report, show_all=True),
        "failed.txt": drawn(report, only_failed=True),
        "result.json": json.dumps(to_document(report), indent=2) + "\n",
        "result.sarif": json.dumps(to_sarif(report), indent=2) + "\n",
        "junit.xml": to_junit(report),
        "page.html": to_page(report, template),
    }


@pytest.mark.parametrize(("name", "report_"), [("plain", REPORT), ("against", KNOWN)])
def test_every_report_is_the_golden_one(name: str, report_: Report, root: Path, golden: Golden) -> None:
    found = {path: text.encode() for path, text in rendered(report_, root).items()}
    golden(f"report/{name}", found)


@pytest.mark.parametrize("how", [{}, {"show_all": True}, {"only_failed": True}])
def test_nothing_is_wider_than_the_terminal(how: dict[str, bool]) -> None:
    assert max(len(line.rstrip()) for line in drawn(REPORT, 80, **how).splitlines()) <= 80


def test_every_control_is_in_the_table_though_those_that_passed_share_a_line() -> None:
    assert {one.control for one in REPORT.results} <= set(drawn(REPORT).replace(":", " ").split())


def test_only_what_failed_is_left_when_asked_for() -> None:
    said = drawn(REPORT, only_failed=True)
    assert "S06" in said
    assert "S01" not in said
