"""What the checks found on one host, beside what was waived."""

import datetime
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from garrison.evidence.checks import CHECKS, Check, Evidence
from garrison.evidence.waivers import PlacedWaiver
from garrison.plan.wanted import Wanted
from garrison.problem import Problem


class Outcome(StrEnum):
    """A waived finding is shown as such, never as passed."""

    PASSED = "passed"
    WAIVED = "waived"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A problem, and the waiver that covers it if there is a valid one."""

    problem: Problem
    waiver: PlacedWaiver | None = None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One check on one host."""

    host: str
    check: str
    title: str
    findings: tuple[Finding, ...] = ()

    @property
    def outcome(self) -> Outcome:
        if not self.findings:
            return Outcome.PASSED
        return Outcome.WAIVED if all(one.waiver for one in self.findings) else Outcome.FAILED

    @property
    def failures(self) -> tuple[Problem, ...]:
        """The problems that nobody answers for."""
        return tuple(one.problem for one in self.findings if one.waiver is None)


def judge_host(
    host: str,
    seen: Evidence,
    wanted: Wanted,
    waivers: Iterable[PlacedWaiver],
    today: datetime.date,
    checks: Iterable[Check] = CHECKS,
) -> tuple[Verdict, ...]:
    """Every check's verdict about ``host``. A waiver past its day covers nothing."""
    valid = [one for one in waivers if one.expiry(today) is None]
    names = (host, *wanted.settings.server_names)
    return tuple(
        Verdict(
            host=host,
            check=check.id,
            title=check.title,
            findings=tuple(_finding(problem, names, valid) for problem in check.judge(seen, wanted)),
        )
        for check in checks
    )


def judge_waivers(waivers: Iterable[PlacedWaiver], today: datetime.date) -> Verdict:
    """The verdict about the waivers themselves."""
    expired = (one.expiry(today) for one in waivers)
    return Verdict(
        host="-",
        check="waivers",
        title="No waiver is past its day",
        findings=tuple(Finding(problem=problem) for problem in expired if problem),
    )


def _finding(problem: Problem, hosts: Collection[str], waivers: list[PlacedWaiver]) -> Finding:
    covering = next((one for one in waivers if one.waiver.covers(hosts, problem.id)), None)
    return Finding(problem=problem, waiver=covering)
