"""Remedies that can be typed as they stand."""

from collections.abc import Iterable
from dataclasses import replace

from garrison.report.result import Result


def name_inventory(results: Iterable[Result], inventory: str, *, limit: bool) -> tuple[Result, ...]:
    """The results with remedies that can be typed as they stand."""

    def fill(text: str, host: str) -> str:
        return text.replace("INVENTORY", f"{inventory} --limit {host}" if limit else inventory)

    def filled(result: Result) -> Result:
        findings = tuple(
            replace(one, problem=replace(one.problem, remedy=fill(one.problem.remedy, result.host)))
            for one in result.findings
        )
        return replace(result, remedy=fill(result.remedy, result.host), findings=findings)

    return tuple(filled(one) for one in results)
