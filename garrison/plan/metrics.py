"""Phase 3.2 metrics: Prometheus and Grafana are services like any other: nothing to change, but much to prove."""

import json

from garrison.catalog.receivers import SEVERITIES, Alerts
from garrison.evidence.dashboards import Loaded, find_unloaded, wanted_dashboards
from garrison.evidence.metrics import Measured, find_unmeasured
from garrison.plan.judged import pass_or_return
from garrison.plan.step import LIB, Command, Exchange, PhasePlan, Step, sh
from garrison.plan.wanted import Wanted

DEADLINE = 60  # seconds: four scrapes


def plan_metrics(wanted: Wanted) -> PhasePlan:
    """The gate asks Prometheus and Grafana until all is well; where nothing scrapes there is no gate."""
    question = metrics_question(wanted)
    if question is None:
        return PhasePlan(id="3.2", title="metrics")
    ask = sh(f"{LIB}/look-metrics", question, timeout=DEADLINE + 60)
    exchanges = [Exchange(ask=ask, answer=lambda answer: judge_measured(answer, wanted))]
    if shown := dashboards_question(wanted):
        ask = sh(f"{LIB}/look-dashboards", shown, timeout=DEADLINE + 60)
        exchanges.append(Exchange(ask=ask, answer=lambda answer: judge_loaded(answer, wanted)))
    return PhasePlan(
        id="3.2",
        title="metrics",
        gate=Step(
            title="prove that every service with metrics is scraped, every rule judged and every dashboard loaded",
            why="something changed",
            commands=tuple(exchanges),
        ),
    )


def metrics_question(wanted: Wanted, *, deadline: float = DEADLINE, age: float = 0) -> str | None:
    """look-metrics' argument: where Prometheus answers on the host, and whom it should scrape; None without one.

    ``age`` is how old a scrape may be, in seconds: a deploy wants one of what it has just replaced.
    """
    scraper = wanted.catalog.scraper
    if scraper is None or not scraper.publish:
        return None
    jobs = [service.name for service in wanted.catalog.scraped]
    port = next(iter(scraper.publish.values()))
    return json.dumps({"port": port, "jobs": jobs, "deadline": deadline, "age": age})


def dashboards_question(wanted: Wanted) -> str | None:
    """look-dashboards' argument: where Grafana answers, how to get in, and what it should have; None without one."""
    viewer, shown = wanted.catalog.viewer, sorted(wanted_dashboards(wanted))
    if viewer is None or not viewer.publish or not shown:
        return None
    secret = f"{viewer.name}_admin_password".replace("-", "_")
    port = next(iter(viewer.publish.values()))
    return json.dumps({"port": port, "secret": secret, "dashboards": shown, "deadline": DEADLINE})


def judge_loaded(answer: str, wanted: Wanted) -> tuple[Command, ...]:
    """What to run next, as ``judge_measured`` says it."""
    return pass_or_return(find_unloaded(Loaded.model_validate_json(answer), wanted), wanted)


def judge_measured(answer: str, wanted: Wanted) -> tuple[Command, ...]:
    """What to run next: nothing where all is well, else a command that says what isn't and takes the release back."""
    return pass_or_return(find_unmeasured(Measured.model_validate_json(answer), wanted), wanted)


def alert_warnings(wanted: Wanted) -> tuple[str, ...]:
    """What a person should know of who is told of alerts on this host; every run says it."""
    catalog, alerts = wanted.catalog, wanted.settings.alerts or Alerts()
    if catalog.notifier is None:
        if not alerts.receivers:
            return ()
        return ("Nobody is told of alerts: no service of the chosen profiles does it; add observability.",)
    unheard = alerts.unheard()
    if not unheard:
        return ()
    which = "" if unheard == SEVERITIES else f" of severity {unheard[0]}"
    scraper = catalog.scraper
    port = next(iter(scraper.publish.values()), None) if scraper else None
    seen = f"; they are at http://127.0.0.1:{port}/alerts on the host" if port else ""
    return (f"Nobody is told of alerts{which}: 'alerts' in the inventory names no receiver for them{seen}.",)
