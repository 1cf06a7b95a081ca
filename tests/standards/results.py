"""Reads what the tools wrote: OpenSCAP's results, Lynis's report, and a summary of both kept between runs."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

_XCCDF = "{http://checklists.nist.gov/xccdf/1.2}"
_PROFILE = "xccdf_org.ssgproject.content_profile_cis_level{level}_server"
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


def level1_of(text: str, results: Iterable[RuleResult]) -> tuple[RuleResult, ...]:
    """Return those of a scan at level 2 that level 1 has too, which are what a scan at level 1 would find.

    Raises ValueError where level 1 has a rule that level 2 lacks, or gives one another value to compare with.
    """
    profiles = {node.get("id"): node for node in ET.fromstring(text).iter(f"{_XCCDF}Profile")}  # noqa: S314
    low, high = (profiles[_PROFILE.format(level=level)] for level in (1, 2))
    if not (_selected(low) <= _selected(high) and _refined(low) <= _refined(high)):
        raise ValueError("level 1 is no part of level 2: scan at both levels")
    chosen = _selected(low)
    return tuple(each for each in results if f"{_RULE}{each.rule}" in chosen)


def _selected(profile: ET.Element) -> set[str]:
    return {
        node.get("idref", "") for node in profile.iter(f"{_XCCDF}select") if node.get("selected") == "true"
    }


def _refined(profile: ET.Element) -> set[tuple[str, str]]:
    refined = {
        (node.get("idref", ""), node.get("selector", "")) for node in profile.iter(f"{_XCCDF}refine-value")
    }
    return refined | {(node.get("idref", ""), node.text or "") for node in profile.iter(f"{_XCCDF}set-value")}


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
