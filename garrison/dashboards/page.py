"""The page of one service: whether it is up, what it takes, its requests, and what its own file shows."""

from collections.abc import Iterator

from garrison.catalog.model import Service
from garrison.catalog.panels import Panel, PanelFile, Query
from garrison.catalog.size import parse_size
from garrison.dashboards.containers import of_one
from garrison.dashboards.kit import is_on_the_kit, kit_row
from garrison.dashboards.whole import Page, Row


def page(service: Service, own: PanelFile | None, *, is_measured: bool) -> Page:
    """The page of ``service``; ``own`` is what its ``dashboard.yaml`` says.

    It has metrics, or the host measures its container, or both.
    """
    return Page(
        name=service.name,
        title=f"Garrison: {service.name}",
        description=f"{service.title}.",
        rows=tuple(_rows(service, own, is_measured=is_measured)),
    )


def _rows(service: Service, own: PanelFile | None, *, is_measured: bool) -> Iterator[Row]:
    if is_on_the_kit(service):
        yield kit_row(service)
    if own:
        yield Row(title="Its own", panels=own.panels)
    has_process = own is None or own.process
    if service.metrics:
        taken = _process(service) if has_process and not is_measured else ()
        files = (_files(service),) if has_process else ()
        yield Row(title="Alive", panels=(*_alive(service.name), *taken, *files))
    if is_measured:
        yield Row(title="Container", panels=tuple(of_one(service)))


def _alive(name: str) -> Iterator[Panel]:
    yield Panel(
        title="Up",
        description="Red while Prometheus can't fetch its metrics.",
        shape="states",
        queries=(Query(expr=f'up{{job="{name}"}}', legend=name),),
        width=12,
    )
    yield Panel(
        title="Scrapes",
        description="How long Prometheus takes to fetch its metrics.",
        unit="s",
        queries=(Query(expr=f'scrape_duration_seconds{{job="{name}"}}', legend="a scrape"),),
    )


def _process(service: Service) -> Iterator[Panel]:
    one = f'{{job="{service.name}"}}'
    yield Panel(
        title="Memory",
        description="What its process holds, beside the limit of its container.",
        unit="bytes",
        queries=(
            Query(expr=f"process_resident_memory_bytes{one}", legend="held"),
            Query(expr=str(parse_size(service.limits.memory)), legend="limit"),
        ),
    )
    yield Panel(
        title="Processor time",
        description="Processors that it keeps busy, beside the limit of its container.",
        queries=(
            Query(expr=f"rate(process_cpu_seconds_total{one}[$__rate_interval])", legend="busy"),
            Query(expr=str(service.limits.cpus), legend="limit"),
        ),
    )
    yield Panel(
        title="Starts",
        description="How often it has started in the hour before.",
        queries=(Query(expr=f"changes(process_start_time_seconds{one}[1h])", legend="in an hour"),),
        alarm=2,
    )


def _files(service: Service) -> Panel:
    one = f'{{job="{service.name}"}}'
    return Panel(
        title="Open files",
        description="The share of the files that it may open.",
        unit="percentunit",
        queries=(Query(expr=f"process_open_fds{one} / process_max_fds{one}", legend="open"),),
    )
