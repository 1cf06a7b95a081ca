"""The result as one HTML page that needs nothing else: no network, no file beside it."""

from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import Environment, StrictUndefined

from garrison.problem import Problem
from garrison.report.result import Report, Result, count, count_line


@dataclass(frozen=True, kw_only=True)
class _Place:
    """A host, or ``-`` for what belongs to none."""

    name: str
    counts_line: str
    unanswered: tuple[Problem, ...]
    families: Mapping[str, tuple[Result, ...]]


def to_page(report: Report, template: str) -> str:
    """The page; ``template`` is the text of templates/report/check.html.j2. Everything is escaped."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    return environment.from_string(template).render(
        report=report,
        counts={str(state): number for state, number in count(report.results).items()},
        counts_line=count_line(report.results),
        places=[_place(report, name) for name in report.places],
    )


def _place(report: Report, name: str) -> _Place:
    results = report.of(name)
    families = {
        family: tuple(one for one in results if one.family == family)
        for family in dict.fromkeys(one.family for one in results)
    }
    level = f"level {report.levels[name]}, " if name in report.levels else ""
    return _Place(
        name=name if name in report.levels else "waivers",
        counts_line=level + count_line(results),
        unanswered=tuple(report.unanswered.get(name, ())),
        families=families,
    )
