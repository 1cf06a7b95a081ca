"""The overview: what is wrong, since when, and for whom, on one page."""

from collections.abc import Iterator

from garrison.catalog.catalog import Catalog
from garrison.catalog.panels import Panel, Query
from garrison.dashboards.containers import OF_ALL
from garrison.dashboards.gpus import GPU
from garrison.dashboards.kit import PROBES, on_the_kit
from garrison.dashboards.logs import LOGS
from garrison.dashboards.whole import Page, Row

NAME = "overview"
_FIRING = 'ALERTS{alertstate="firing",alertname!="Watchdog"}'

_TIMES = f"rate(http_request_duration_seconds_bucket{{{PROBES}}}[$__rate_interval])"


def overview(catalog: Catalog, *, has_gpu: bool) -> Page:
    """What belongs there of ``catalog``, on a host with a GPU or without: rows that nobody would fill are left out."""
    return Page(
        name=NAME,
        title="Garrison: overview",
        description="What is wrong, since when, and for whom. Each service has a page of its own.",
        rows=tuple(_rows(catalog, has_gpu=has_gpu)),
    )


def _rows(catalog: Catalog, *, has_gpu: bool) -> Iterator[Row]:
    host = catalog.measures_host
    yield Row(title="Now", panels=(*_NOW, *(_RUNS if host else ())))
    yield Row(title="What is wrong", panels=(_ALERTS, *((_CONTROLS,) if host else ()), _UP))
    if on_the_kit(catalog):
        yield Row(title="Requests", panels=_REQUESTS)
    if not host:
        yield Row(title="Processes", panels=_PROCESSES)
    else:
        yield Row(title="Containers", panels=OF_ALL)
        yield Row(title="Logs", panels=LOGS)
        yield Row(title="Host", panels=_HOST)
        if has_gpu:
            yield Row(title="GPU", panels=GPU)


def _lines(title: str, description: str, expr: str, unit: str, **more: object) -> Panel:
    query = {"expr": expr} | {key: more.pop(key) for key in ("legend", "exemplars") if key in more}
    said = {"title": title, "description": description, "unit": unit, "queries": [query], **more}
    return Panel.model_validate(said)


_NOW = (
    Panel(
        title="Services down",
        description="Services whose metrics Prometheus can't fetch.",
        shape="number",
        queries=(Query(expr="count(up == 0) or vector(0)"),),
        alarm=1,
    ),
    Panel(
        title="Alerts firing",
        description="Without Watchdog, which always fires.",
        shape="number",
        queries=(Query(expr=f"count({_FIRING}) or vector(0)"),),
        alarm=1,
    ),
)
_RUNS = (
    Panel(
        title="Controls failed",
        description="As the last `garrison check --publish` has found them.",
        shape="number",
        queries=(Query(expr='garrison_controls{state="failed"}'),),
        alarm=1,
        empty="never measured",
    ),
    Panel(
        title="Last deploy",
        description="When a deploy last passed every gate.",
        shape="number",
        unit="dateTimeFromNow",
        queries=(Query(expr="garrison_deploy_ended_timestamp_seconds * 1000"),),
        empty="never",
    ),
    Panel(
        title="Its changes",
        description="How much the last deploy changed; the same thing again changes nothing.",
        shape="number",
        queries=(Query(expr="garrison_deploy_changes"),),
        empty="unknown",
    ),
    Panel(
        title="Certificate ends in",
        description="The first of the door's certificates to end.",
        shape="number",
        unit="s",
        queries=(Query(expr="min(garrison_tls_certificate_not_after_timestamp_seconds) - time()"),),
        empty="unknown",
    ),
)
_ALERTS = Panel(
    title="Alerts",
    description="What fires now. docs/runbooks has a page for each: what it means, where to look, what mends it.",
    shape="list",
    queries=(Query(expr=_FIRING),),
    empty="nothing fires",
)
_CONTROLS = Panel(
    title="Failed controls",
    description="As the last `garrison check --publish` has found them; docs/controls.md explains each.",
    shape="list",
    queries=(Query(expr="garrison_control_failed == 1"),),
    empty="none",
)
_UP = Panel(
    title="Up",
    description="Red while Prometheus can't fetch the metrics of a service.",
    shape="states",
    queries=(Query(expr="up"),),
)
_REQUESTS = (
    _lines(
        "Traffic",
        "Requests per second to each service, without probes and scrapes.",
        "job:http_requests:rate5m",
        "reqps",
    ),
    _lines(
        "Errors",
        "The share of requests that a service failed by itself (5xx), over five minutes.",
        "job:http_errors:ratio5m",
        "percentunit",
        alarm=0.005,
        empty="none",
    ),
    _lines(
        "Latency",
        "95 of 100 requests are answered within this time. A point is one request, with its trace.",
        f"histogram_quantile(0.95, sum by (job, le) ({_TIMES}))",
        "s",
        exemplars=True,
    ),
    _lines(
        "Saturation",
        "Requests that each service is serving right now.",
        "garrison_requests_in_flight",
        "short",
    ),
    Panel(
        title="Breakers",
        description="Red while a service doesn't ask a dependency that failed too often.",
        shape="states",
        queries=(Query(expr="garrison_breaker_state", legend="{{job}} to {{dependency}}"),),
        alarm=1,
    ),
)
_PROCESSES = (
    _lines("Memory", "What each service's process holds.", "process_resident_memory_bytes", "bytes"),
    _lines(
        "Processor time",
        "Processors that each service keeps busy.",
        "rate(process_cpu_seconds_total[$__rate_interval])",
        "short",
    ),
)
_HOST = (
    _lines(
        "Processors",
        "The share of all processors that is busy.",
        '1 - avg(rate(node_cpu_seconds_total{mode="idle"}[$__rate_interval]))',
        "percentunit",
        legend="busy",
    ),
    _lines(
        "Memory of the host",
        "The share that is used, and can't be given up at once.",
        "1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes",
        "percentunit",
        legend="used",
    ),
    Panel(
        title="Load",
        description="Tasks that run or wait, as an average, beside the number of processors.",
        queries=(
            Query(expr="node_load1", legend="one minute"),
            Query(expr="node_load15", legend="15 minutes"),
            Query(expr='count(node_cpu_seconds_total{mode="idle"})', legend="processors"),
        ),
    ),
    _lines(
        "Disks",
        "The share of each file system that is used.",
        "1 - node_filesystem_avail_bytes / node_filesystem_size_bytes",
        "percentunit",
        legend="{{mountpoint}}",
        alarm=0.9,
    ),
)
