"""Whether Prometheus scrapes every service that has metrics, and judges every rule."""

from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from garrison.catalog.catalog import Catalog
from garrison.catalog.objectives import Objectives
from garrison.catalog.rules import Alert, load_rules
from garrison.plan.wanted import Wanted
from garrison.problem import Problem
from garrison.render.objectives import GROUP, objective_records

ID = "metrics"
# The findings that are about rules; the others are about who is scraped.
OF_RULES = frozenset({f"{ID}.rule", f"{ID}.no-rule"})


class Seen(BaseModel):
    """A target or a rule, as Prometheus has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    health: Literal["up", "down", "ok", "err", "unknown"]
    error: str


class Measured(BaseModel):
    """What look-metrics answers; ``error`` is why Prometheus said nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    error: str
    targets: Mapping[str, Seen]
    rules: Mapping[str, Seen]


def find_unmeasured(found: Measured, wanted: Wanted) -> list[Problem]:
    """Services that nobody scrapes, scrapes that fail, and rules that aren't loaded or that nobody can judge."""
    scraper = wanted.catalog.scraper
    if scraper is None:
        return []
    if found.error:
        what = f"it doesn't say what it scrapes: {found.error}."
        return [_problem(scraper.name, "silent", what, f"Look: garrison logs {scraper.name}")]
    return [*_targets(found, wanted), *_rules(found, wanted.catalog)]


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


def wanted_rules(catalog: Catalog) -> frozenset[str]:
    """Every rule of the release by its group and name, as Prometheus has them."""
    said = {
        f"{rules.service}/{group.name}/{rule.alert if isinstance(rule, Alert) else rule.record}"
        for rules in load_rules(catalog)
        for group in rules.file.groups
        for rule in group.rules
    }
    return frozenset(said | {f"{GROUP}/{one['record']}" for one in objective_records(catalog, Objectives())})


def _rules(found: Measured, catalog: Catalog) -> Iterator[Problem]:
    for name in sorted(wanted_rules(catalog) - found.rules.keys()):
        yield _problem(f"rule {name}", "no-rule", "Prometheus hasn't loaded it.",
                       "Run the deploy again; Prometheus runs with other rules.")  # fmt: skip
    for name, one in sorted(found.rules.items()):
        if one.health != "ok":
            said = one.error or "it was not judged in time"
            yield _problem(f"rule {name}", "rule", f"it can't be judged: {said}.",
                           "Mend it in services/*/rules, and add the case to the tests beside it.")  # fmt: skip


def _problem(where: str, key: str, what: str, remedy: str) -> Problem:
    return Problem(where=where, id=f"{ID}.{key}", what=what, remedy=remedy)
