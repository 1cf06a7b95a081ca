"""Reads what the tools wrote: OpenSCAP's results, Lynis's report, and a summary of both kept between runs."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

_XCCDF = "{http://checklists.nist.gov/xccdf/1.2}"
_RULE = "xccdf_org.ssgproject.content_rule_"


@dataclass(frozen=True, kw_only=True)
class RuleResult:
    """What a rule of the benchmark came to."""

    rule: str
    title: str
    severity: str
    result: str


class Lynis(BaseModel):
    """The report of Lynis: its index, and what it warns of and suggests, as ``TEST`` or ``TEST:detail``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    index: int
    warnings: tuple[str, ...]
    suggestions: tuple[str, ...]


class Scan(BaseModel):
    """One profile's result: the rules that passed, and those that failed with their titles."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    passed: tuple[str, ...]
    not_applicable: int
    failed: dict[str, str]


class Measurement(BaseModel):
    """All that the tools say of one host at one time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    level1: Scan
    level2: Scan
    lynis: Lynis
    # The rules that fail only because the tool reads a file of which the program reads more.
    blind: tuple[str, ...]

    @property
    def failed(self) -> frozenset[str]:
        """Every rule that fails at either level."""
        return frozenset(self.level1.failed) | frozenset(self.level2.failed)


def parse_results(text: str) -> tuple[RuleResult, ...]:
    """Return the results of the rules that the profile selected."""
    tree = ET.fromstring(text)  # noqa: S314 - the scanner's own output, from a host of ours
    rules = {rule.get("id"): rule for rule in tree.iter(f"{_XCCDF}Rule")}
    found = []
    for node in tree.iter(f"{_XCCDF}rule-result"):
        identifier = node.get("idref", "")
        result = node.findtext(f"{_XCCDF}result", "unknown")
        if result == "notselected":
            continue
        rule = rules[identifier]
        found.append(
            RuleResult(
                rule=identifier.removeprefix(_RULE),
                title=" ".join(rule.findtext(f"{_XCCDF}title", "").split()),
                severity=rule.get("severity", "unknown"),
                result=result,
            )
        )
    return tuple(found)


def summarize(results: Iterable[RuleResult]) -> Scan:
    """Sort ``results``; what errs or can't be told counts as failed, since it is no pass."""
    every = tuple(results)
    benign = {"pass", "notapplicable", "notchecked", "informational"}
    return Scan(
        passed=tuple(sorted(each.rule for each in every if each.result == "pass")),
        not_applicable=sum(each.result == "notapplicable" for each in every),
        failed={each.rule: each.title for each in every if each.result not in benign},
    )


def parse_lynis(text: str) -> Lynis:
    """Return the report in ``text``, a lynis-report.dat; raises ValueError when it has no index."""
    index = re.search(r"^hardening_index=(\d+)$", text, re.MULTILINE)
    if index is None:
        raise ValueError("the report has no hardening_index: Lynis did not come to its end")
    return Lynis(
        index=int(index[1]), warnings=_named(text, "warning"), suggestions=_named(text, "suggestion")
    )


def _named(text: str, kind: str) -> tuple[str, ...]:
    lines = re.findall(rf"^{kind}\[\]=([^|]*)\|([^|]*)\|([^|]*)", text, re.MULTILINE)
    return tuple(
        f"{test}: {what}{f' ({detail})' if detail not in ('', '-') else ''}" for test, what, detail in lines
    )
