"""Dashboards on a live host: every panel's question has an answer, and Grafana lets in the admin alone."""

import json
import shlex
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from secrets import token_hex
from urllib.parse import quote

import pytest
import yaml

from garrison.catalog.panels import filled_in
from garrison.catalog.rules import Recording, load_rules, metrics_in
from garrison.dashboards.every import pages
from garrison.dashboards.kit import on_the_kit
from garrison.dashboards.whole import questions
from garrison.evidence.dashboards import Loaded, find_unloaded
from garrison.plan.metrics import dashboards_question
from garrison.plan.step import LIB, sh
from garrison.plan.wanted import Wanted
from tests.compliance.live import LiveHost, need_observability
from tests.compliance.test_metrics import SCRAPE, Prometheus, prometheus, unmeasured

__all__ = ["prometheus"]  # a fixture
MAY_BE_EMPTY = yaml.safe_load((Path(__file__).parent / "data" / "empty-panels.yaml").read_text())
SECRET = "grafana_admin_password"  # noqa: S105 - its name
# The password goes from Podman to curl by standard input: it is in no argument.
AS_ADMIN = """
password=$({lib}/as-stack podman secret inspect --showsecret --format '{{{{.SecretData}}}}' {secret} </dev/null)
printf 'user = "admin:%s"' "$password" | curl -s -w '\\n%{{http_code}}' -K - {url}
"""

# Prints those of its standard input whose question has no answer.
ASK = """
import json, sys, urllib.parse, urllib.request
silent = []
for where, expr in json.load(sys.stdin):
    form = urllib.parse.urlencode({"query": expr}).encode()
    with urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/api/v1/query", form) as answer:
        if not json.load(answer)["data"]["result"]:
            silent.append(where)
json.dump(silent, sys.stdout)
"""


@pytest.fixture(scope="module", autouse=True)
def _shown(live: LiveHost) -> None:
    need_observability(live)


@pytest.fixture(scope="module")
def url(wanted: Wanted) -> str:
    assert wanted.catalog.viewer
    (port,) = wanted.catalog.viewer.publish.values()
    return f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def asked(live: LiveHost, wanted: Wanted) -> None:
    """Each service on the kit was asked for something, so that it has counted a request."""
    for service in on_the_kit(wanted.catalog):
        for port in service.publish.values():
            live.sh(f"curl -s -o /dev/null http://127.0.0.1:{port}/openapi.json")


def as_admin(live: LiveHost, url: str) -> tuple[int, str]:
    """Status and body of what the admin gets."""
    script = AS_ADMIN.format(lib=LIB, secret=SECRET, url=shlex.quote(url))
    body, _, status = live.pipe(script, "bash -s").rpartition("\n")
    return int(status), body


def unloaded(live: LiveHost, wanted: Wanted, seconds: int) -> list[str]:
    """What the gate of phase 3.2 finds of dashboards and sources."""
    question = json.loads(dashboards_question(wanted) or "{}") | {"deadline": seconds}
    answer = live.ask(sh(f"{LIB}/look-dashboards", json.dumps(question)))
    return [str(one) for one in find_unloaded(Loaded.model_validate_json(answer), wanted)]


def everything(wanted: Wanted) -> Iterator[tuple[str, str]]:
    """Every question, after the panel that asks it."""
    for page in pages(wanted.catalog):
        yield from ((f"{page.name}: {title}", filled_in(expr)) for title, expr in questions(page.rows))


def recorded(wanted: Wanted) -> set[str]:
    """What rules make of metrics; some of it is there only when there was an error."""
    return {
        rule.record
        for rules in load_rules(wanted.catalog)
        for group in rules.file.groups
        for rule in group.rules
        if isinstance(rule, Recording)
    }


def silent(live: LiveHost, wanted: Wanted) -> set[str]:
    """The panels with a question that nothing answers; all are asked on the host, at once."""
    assert wanted.catalog.scraper
    (port,) = wanted.catalog.scraper.publish.values()
    said = live.pipe(json.dumps(list(everything(wanted))), f"python3 -I -c {shlex.quote(ASK)} {port}")
    return set(json.loads(said))


@pytest.mark.usefixtures("asked")
def test_every_panel_has_data(live: LiveHost, prometheus: Prometheus, wanted: Wanted) -> None:
    prometheus.wait_for(
        lambda: {
            where
            for where in silent(live, wanted)
            if not any(fnmatch(where, pattern) for pattern in MAY_BE_EMPTY)
        },
        set(),
        5 * SCRAPE,
    )


def test_a_panel_without_data_would_be_noticed(prometheus: Prometheus) -> None:
    assert prometheus.get(f"/api/v1/query?query={quote('sum(garrison_no_such_metric)')}")["result"] == []


@pytest.mark.usefixtures("asked")
def test_every_metric_that_a_panel_names_is_there(prometheus: Prometheus, wanted: Wanted) -> None:
    """Also where a panel says zero for nothing, which would hide that its metric is gone."""
    rare = {"ALERTS", "garrison_controls", "garrison_control_failed", "garrison_client_requests_total"}
    named = {metric for _, expr in everything(wanted) for metric in metrics_in(expr)}
    named -= {
        *rare,
        *recorded(wanted),
        "redis_errors_total",
        "aidb_query_cache_lookups_total",
        "nixos_docs_syncs_total",
    }
    named -= unmeasured(named, wanted)
    prometheus.wait_for(
        lambda: named - set(prometheus.get("/api/v1/label/__name__/values")), set(), 3 * SCRAPE
    )


def test_every_dashboard_is_loaded_and_every_source_answers(live: LiveHost, wanted: Wanted) -> None:
    assert unloaded(live, wanted, 60) == []


def test_grafana_asks_prometheus_for_the_admin(live: LiveHost, url: str) -> None:
    path = f"/api/datasources/proxy/uid/prometheus/api/v1/query?query={quote('count(up)')}"
    status, body = as_admin(live, f"{url}{path}")
    assert status == 200
    assert int(json.loads(body)["data"]["result"][0]["value"][1]) > 3


def test_grafana_asks_jaeger_for_the_admin(live: LiveHost, url: str) -> None:
    """And finds it well, as it does before it shows a trace."""
    status, body = as_admin(live, f"{url}/api/datasources/proxy/uid/jaeger/api/services")
    assert status == 200
    assert json.loads(body)["data"]
    assert as_admin(live, f"{url}/api/datasources/uid/jaeger/health")[0] == 200


@pytest.mark.usefixtures("asked")
def test_an_exemplar_leads_to_a_trace_that_is_there(live: LiveHost, prometheus: Prometheus, url: str) -> None:
    """By the label and the source that Grafana goes by."""
    _, said = as_admin(live, f"{url}/api/datasources/uid/prometheus")
    (way,) = json.loads(said)["jsonData"]["exemplarTraceIdDestinations"]
    proxy = f"{url}/api/datasources/proxy/uid"
    query = quote("http_request_duration_seconds_bucket")

    def newest() -> int:
        """What the newest one leads to: older ones may be of traces that Jaeger has forgotten."""
        now = int(live.sh("date +%s"))
        times = f"start={now - 600}&end={now + 60}"
        _, body = as_admin(live, f"{proxy}/prometheus/api/v1/query_exemplars?query={query}&{times}")
        found = [one for each in json.loads(body)["data"] for one in each["exemplars"]]
        if not found:
            return 0
        trace = max(found, key=lambda one: float(one["timestamp"]))["labels"][way["name"]]
        return as_admin(live, f"{proxy}/{way['datasourceUid']}/api/traces/{trace}")[0]

    prometheus.wait_for(newest, 200, 3 * SCRAPE)


@pytest.mark.parametrize("path", ["/api/search", "/api/datasources", "/api/dashboards/uid/garrison-overview"])
def test_nobody_comes_in_without_a_password(live: LiveHost, url: str, path: str) -> None:
    assert live.sh(f"curl -s -o /dev/null -w '%{{http_code}}' {url}{path}") == "401"


def test_nobody_comes_in_with_the_password_that_grafana_begins_with(live: LiveHost, url: str) -> None:
    """Once only: Grafana shuts out a name for which five wrong ones came."""
    line = f"curl -s -o /dev/null -w '%{{http_code}}' -u admin:admin {url}/api/search"
    assert live.sh(line) == "401"


def test_the_password_is_in_no_environment_and_in_no_argument(live: LiveHost) -> None:
    script = f"""
password=$({LIB}/as-stack podman secret inspect --showsecret --format '{{{{.SecretData}}}}' {SECRET} </dev/null)
grep -l -a -F -f - /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null <<< "$password" || true
"""
    assert live.pipe(script, "bash -s").strip() == ""


def test_another_secret_is_the_password_after_the_next_start(
    live: LiveHost, wanted: Wanted, url: str
) -> None:
    words = f"podman secret create --replace --label garrison=1 {SECRET} -"
    live.pipe(token_hex(32), f"{LIB}/as-stack {words}")
    assert as_admin(live, f"{url}/api/search")[0] == 401
    live.replace("grafana", wanted)
    assert unloaded(live, wanted, 60) == []


def test_the_password_is_rotated_like_any_other_secret(live: LiveHost, wanted: Wanted) -> None:
    read = f"{LIB}/as-stack podman secret inspect --showsecret --format '{{{{.SecretData}}}}' {SECRET} | sha256sum"
    before = live.sh(read)
    live.sh(f"{LIB}/rotate-secrets {SECRET}")
    assert live.sh(read) != before
    assert unloaded(live, wanted, 60) == []
