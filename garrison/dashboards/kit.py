"""What every service on the kit shows alike: requests, their errors and times, who asks, and breakers."""

from garrison.catalog.catalog import Catalog
from garrison.catalog.model import Service
from garrison.catalog.panels import Panel, Query
from garrison.dashboards.whole import Row

# Left out wherever requests are counted: those of probes and of Prometheus itself.
PROBES = 'route!~"/health/.*|/metrics"'
# Its question asks for the exemplars too: those of the others would be the same ones.
SLOWEST = 0.99


def is_on_the_kit(service: Service) -> bool:
    """Whether it judges keys by itself, which none but the door and those on the kit do."""
    return service.verifies_keys and service.door is None and service.metrics is not None


def on_the_kit(catalog: Catalog) -> tuple[Service, ...]:
    """The services that are, by name."""
    return tuple(service for service in catalog.services.values() if is_on_the_kit(service))


def kit_row(service: Service) -> Row:
    """What such a service tells of its requests."""
    one = f'job="{service.name}",{PROBES}'
    by_route = f"sum by (route) (rate(http_requests_total{{{one}}}[$__rate_interval]))"
    failed = f'sum by (route) (rate(http_requests_total{{{one},status=~"5.."}}[$__rate_interval]))'
    by_client = f'rate(garrison_client_requests_total{{job="{service.name}"}}[$__rate_interval])'
    panels = (
        Panel(
            title="Traffic",
            description="Requests per second, by route; probes and scrapes don't count.",
            unit="reqps",
            queries=(Query(expr=by_route, legend="{{route}}"),),
        ),
        Panel(
            title="Errors",
            description="Requests per second that it failed by itself (5xx), by route.",
            unit="reqps",
            queries=(Query(expr=failed, legend="{{route}}"),),
            empty="none",
        ),
        Panel(
            title="Latency",
            description="Half, 95 and 99 of 100 requests are answered within this time. "
            "A point is one request, with its trace.",
            unit="s",
            queries=tuple(_quantile(one, share) for share in (0.5, 0.95, SLOWEST)),
        ),
        Panel(
            title="Saturation",
            description="Requests that it is serving right now.",
            queries=(Query(expr=f'garrison_requests_in_flight{{job="{service.name}"}}', legend="in flight"),),
        ),
        Panel(
            title="Statuses",
            description="Answers per second, by status.",
            unit="reqps",
            queries=(
                Query(
                    expr=f"sum by (status) (rate(http_requests_total{{{one}}}[$__rate_interval]))",
                    legend="{{status}}",
                ),
            ),
        ),
        Panel(
            title="Clients",
            description="Who asks, in requests per second: the ten who ask most.",
            unit="reqps",
            queries=(Query(expr=f"topk(10, sum by (client) ({by_client}))", legend="{{client}}"),),
        ),
        *(_breakers(service) if service.needs else ()),
    )
    return Row(title="Requests", panels=panels)


def _quantile(one: str, share: float) -> Query:
    rates = f"sum by (le) (rate(http_request_duration_seconds_bucket{{{one}}}[$__rate_interval]))"
    return Query(
        expr=f"histogram_quantile({share}, {rates})", legend=f"{share:.0%}", exemplars=share == SLOWEST
    )


def _breakers(service: Service) -> tuple[Panel, ...]:
    return (
        Panel(
            title="Breakers",
            description="Red while it doesn't ask a dependency that failed too often.",
            shape="states",
            queries=(Query(expr=f'garrison_breaker_state{{job="{service.name}"}}', legend="{{dependency}}"),),
            alarm=1,
        ),
    )
