"""Whether Prometheus scrapes every service that has metrics, and judges every rule."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from garrison.catalog.rules import Alert, load_rules, normalise
from garrison.plan.wanted import Wanted
from garrison.problem import Problem
from garrison.render.objectives import GROUP, objective_records

ID = "metrics"
# The findings that are about rules; the others are about who is scraped.
OF_RULES = frozenset({f"{ID}.rule", f"{ID}.no-rule", f"{ID}.other-rule"})


class Seen(BaseModel):
    """A target, as Prometheus has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    health: Literal["up", "down", "ok", "err", "unknown"]
    error: str


class Judged(Seen):
    """A rule; of several of one name the health is that of the worst, and ``queries`` are those of all."""

    queries: tuple[str, ...]


class Measured(BaseModel):
    """What look-metrics answers; ``error`` is why Prometheus said nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    error: str
    targets: Mapping[str, Seen]
    rules: Mapping[str, Judged]


def find_unmeasured(found: Measured, wanted: Wanted) -> list[Problem]:
    """Services that nobody scrapes, scrapes that fail, and rules that aren't loaded, are others or can't be judged."""
    scraper = wanted.catalog.scraper
    if scraper is None:
        return []
    if found.error:
        what = f"it doesn't say what it scrapes: {found.error}."
        return [_problem(scraper.name, "silent", what, f"Look: garrison logs {scraper.name}")]
    return [*_targets(found, wanted), *_rules(found, wanted_rules(wanted))]


def _targets(found: Measured, wanted: Wanted) -> Iterator[Problem]:
    jobs = {service.name for service in wanted.catalog.scraped}
    for name in sorted(jobs):
        one = found.targets.get(name)
        if one is None:
            yield _problem(name, "missing", "it has metrics, and Prometheus doesn't know of it.",
                           "Run the deploy again; Prometheus runs with another configuration.")  # fmt: skip
        elif one.health != "up":
            said = one.error or "it was not scraped in time"
            yield _problem(name, "down", f"it isn't scraped: {said}.",
                           f"Look: garrison logs {name}; 'metrics' in service.yaml has port and path.")  # fmt: skip
    for name in sorted(set(found.targets) - jobs):
        yield _problem(name, "undeclared", "Prometheus scrapes it, and no service of that name has metrics.",
                       "Run the deploy again; Prometheus runs with another configuration.")  # fmt: skip


def wanted_rules(wanted: Wanted) -> Mapping[str, tuple[str, ...]]:
    """The expressions of every rule of the release by its group and name, as Prometheus has them.

    A series may be recorded by several rules, with labels that differ.
    """
    found: dict[str, tuple[str, ...]] = {}
    for name, expression in _said(wanted):
        found[name] = (*found.get(name, ()), expression)
    return found


def _said(wanted: Wanted) -> Iterator[tuple[str, str]]:
    for rules in load_rules(wanted.catalog):
        for group in rules.file.groups:
            for rule in group.rules:
                name = rule.alert if isinstance(rule, Alert) else rule.record
                yield f"{rules.service}/{group.name}/{name}", rule.expr
    for one in objective_records(wanted.catalog, wanted.settings.objectives):
        yield f"{GROUP}/{one['record']}", str(one["expr"])


def _is_same(wanted: Iterable[str], found: Iterable[str]) -> bool:
    said, seen = sorted(wanted), sorted(found)
    # Most are written the same, and to parse one takes longer than all the rest of this.
    return said == seen or sorted(map(normalise, said)) == sorted(map(normalise, seen))


def _rules(found: Measured, wanted: Mapping[str, tuple[str, ...]]) -> Iterator[Problem]:
    again = "Run the deploy again; Prometheus runs with other rules."
    for name, expressions in sorted(wanted.items()):
        one = found.rules.get(name)
        if one is None:
            yield _problem(f"rule {name}", "no-rule", "Prometheus hasn't loaded it.", again)
        elif not _is_same(expressions, one.queries):
            seen = "; ".join(one.queries)
            yield _problem(f"rule {name}", "other-rule", f"Prometheus judges something else: {seen}.", again)
    for name, one in sorted(found.rules.items()):
        if one.health != "ok":
            said = one.error or "it was not judged in time"
            yield _problem(f"rule {name}", "rule", f"it can't be judged: {said}.",
                           "Mend it in services/*/rules, and add the case to the tests beside it.")  # fmt: skip


def _problem(where: str, key: str, what: str, remedy: str) -> Problem:
    return Problem(where=where, id=f"{ID}.{key}", what=what, remedy=remedy)
