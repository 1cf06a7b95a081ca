"""Where spans go: every service on the kit is told of the one that takes them."""

from collections.abc import Mapping

from garrison.catalog.model import Service

# OpenTelemetry's own names; the kit reads them.
ENDPOINT, RATIO = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_TRACES_SAMPLER_ARG"


def collector(services: Mapping[str, Service]) -> Service | None:
    """The one service that takes spans, if there is one."""
    return next((service for service in services.values() if service.takes_spans), None)


def senders(services: Mapping[str, Service]) -> tuple[Service, ...]:
    """The services that send spans: those on the kit, where somebody takes them; not who says where else to."""
    if collector(services) is None:
        return ()
    return tuple(one for one in services.values() if _is_on_the_kit(one) and not _sends_elsewhere(one))


def environment_of(services: Mapping[str, Service], service: Service) -> dict[str, str]:
    """What tells ``service`` where its spans go; empty where it sends none."""
    taker = collector(services)
    if taker is None or taker.takes_spans is None or service not in senders(services):
        return {}
    return {ENDPOINT: f"http://{taker.name}:{taker.listen[taker.takes_spans]}"}


def _is_on_the_kit(service: Service) -> bool:
    return service.verifies_keys and service.route is not None and service.door is None


def _sends_elsewhere(service: Service) -> bool:
    return ENDPOINT in service.environment
