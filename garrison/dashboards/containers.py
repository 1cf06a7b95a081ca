"""What containers take, as the host measures it each minute: on the overview, and on the page of each service."""

from collections.abc import Iterator

from garrison.catalog.model import Service
from garrison.catalog.panels import Panel, Query
from garrison.catalog.size import parse_size

# The time is measured each minute: over Grafana's own interval, which follows the scrapes, it would stand still.
_BUSY = "rate(garrison_container_cpu_seconds_total{}[5m])"
_STARTS = "changes(garrison_container_start_time_seconds{}[1h])"


OF_ALL = (
    Panel(
        title="Containers unhealthy",
        description="Containers that don't run, or fail their own health check.",
        shape="number",
        queries=(Query(expr="count(garrison_container_healthy == 0) or vector(0)"),),
        alarm=1,
        width=6,
    ),
    Panel(
        title="Containers with the host's root",
        description="Containers in which root is the host's root. Every container here is rootless.",
        shape="number",
        queries=(Query(expr="count(garrison_container_rootless == 0) or vector(0)"),),
        alarm=1,
        width=6,
    ),
    Panel(
        title="Ended for want of memory",
        description="Processes that the kernel has ended within a day for want of memory.",
        shape="number",
        queries=(Query(expr="sum(increase(garrison_containers_oom_kills_total[1d]))"),),
        alarm=1,
        empty="unknown",
        width=6,
    ),
    Panel(
        title="Containers measured",
        description="How long ago the host has measured its containers with success; it does so each minute.",
        shape="number",
        unit="s",
        queries=(
            Query(
                expr="time() - (garrison_containers_measured_timestamp_seconds and garrison_containers_measured == 1)"
            ),
        ),
        alarm=600,
        empty="not measured",
        width=6,
    ),
    Panel(
        title="Memory",
        description="What each container holds, without files that are cached for it.",
        unit="bytes",
        queries=(Query(expr="garrison_container_memory_bytes", legend="{{service}}"),),
    ),
    Panel(
        title="Memory beside its limit",
        description="The share of its memory that each container holds.",
        unit="percentunit",
        queries=(
            Query(
                expr="garrison_container_memory_bytes / garrison_container_memory_limit_bytes",
                legend="{{service}}",
            ),
        ),
        alarm=0.9,
    ),
    Panel(
        title="Processor time",
        description="Processors that each container keeps busy.",
        queries=(Query(expr=_BUSY.format(""), legend="{{service}}"),),
    ),
    Panel(
        title="Starts",
        description="How often each container was started in the hour before, by Podman, systemd or a deploy.",
        queries=(Query(expr=_STARTS.format(""), legend="{{service}}"),),
        alarm=2,
    ),
)


def of_one(service: Service) -> Iterator[Panel]:
    """What its container takes, beside its limits, and how it is."""
    one = f'{{service="{service.name}"}}'
    yield Panel(
        title="Healthy",
        description="Red while its container doesn't run, or fails its own health check.",
        shape="states",
        queries=(Query(expr=f"garrison_container_healthy{one}", legend=service.name),),
        width=12,
    )
    yield Panel(
        title="Starts",
        description="How often it was started in the hour before, and how often by Podman after it had ended.",
        queries=(
            Query(expr=_STARTS.format(one), legend="starts"),
            Query(expr=f"increase(garrison_container_restarts_total{one}[1h])", legend="after it had ended"),
        ),
        alarm=2,
    )
    yield Panel(
        title="Memory",
        description="What its container holds, and what caches files for it and can be taken back, beside its limit.",
        unit="bytes",
        queries=(
            Query(expr=f"garrison_container_memory_bytes{one}", legend="held"),
            Query(expr=f"garrison_container_memory_cache_bytes{one}", legend="cached files"),
            Query(expr=str(parse_size(service.limits.memory)), legend="limit"),
        ),
    )
    yield Panel(
        title="Processor time",
        description="Processors that its container keeps busy, beside its limit.",
        queries=(
            Query(expr=_BUSY.format(one), legend="busy"),
            Query(expr=str(service.limits.cpus), legend="limit"),
        ),
    )
    yield Panel(
        title="Threads",
        description="Threads of all processes in its container, beside its limit of pids.",
        queries=(
            Query(expr=f"garrison_container_threads{one}", legend="threads"),
            Query(expr=f"garrison_container_threads_limit{one}", legend="limit"),
        ),
    )
