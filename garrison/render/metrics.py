"""What the scraper is told: whom to ask, and the rules of every service in one file."""

from dataclasses import dataclass
from pathlib import PurePosixPath

import yaml

from garrison.catalog.catalog import Catalog
from garrison.catalog.model import Metrics, Service
from garrison.catalog.objectives import Objectives
from garrison.catalog.rules import Alert, Group, load_rules
from garrison.catalog.secrets import credential_of
from garrison.render.objectives import GROUP, objective_records

RUNBOOKS = PurePosixPath("docs/runbooks")


@dataclass(frozen=True, kw_only=True)
class ScrapeJob:
    """One service whose metrics are collected; ``key_secret`` is what is sent as a bearer token, where one is asked."""

    name: str
    target: str
    path: str
    key_secret: str | None


def scrape_jobs(catalog: Catalog) -> tuple[ScrapeJob, ...]:
    """A job for each service that has metrics, by name. The scraper asks itself on its own loopback."""
    scraper = catalog.scraper.name if catalog.scraper else ""
    return tuple(_job(one, one.metrics, scraper) for one in catalog.scraped if one.metrics)


def render_rules(catalog: Catalog, base: str = "", objectives: Objectives | None = None) -> str:
    """The rules of all services, as Prometheus reads them, and the objectives that they ask for.

    Each alert gets the path of its runbook below ``base``. Raises ProblemError for what is wrong in one of the files.
    """
    records = objective_records(catalog, objectives or Objectives())
    first = [{"name": GROUP, "rules": list(records)}] if records else []
    groups = [
        _group(rules.service, group, base) for rules in load_rules(catalog) for group in rules.file.groups
    ]
    return yaml.safe_dump({"groups": [*first, *groups]}, sort_keys=False, width=1000)


def runbook(alert: str) -> PurePosixPath:
    """The page that says what to do about it, from the top of the repository."""
    return RUNBOOKS / f"{alert}.md"


def _job(service: Service, metrics: Metrics, scraper: str) -> ScrapeJob:
    host = "127.0.0.1" if service.name == scraper else service.name
    return ScrapeJob(
        name=service.name,
        target=f"{host}:{service.listen[metrics.port]}",
        path=metrics.path,
        key_secret=_secret(service, metrics, scraper),
    )


def _secret(service: Service, metrics: Metrics, scraper: str) -> str | None:
    if metrics.auth != "key":
        return None
    return metrics.secret or credential_of(service, scraper)


def _group(service: str, group: Group, base: str) -> dict[str, object]:
    said = group.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_unset=True)
    for rule, written in zip(group.rules, said["rules"], strict=True):
        if isinstance(rule, Alert):
            written["annotations"]["runbook"] = f"{base}{runbook(rule.alert)}"
    return {**said, "name": f"{service}/{group.name}"}
