"""What the catalog says of a service, in the words of a page."""

from collections.abc import Iterator

from garrison.catalog.catalog import Catalog
from garrison.catalog.model import HttpHealth, Service

NOTHING = "none"
_CREDENTIALS = {
    "shared": "one key, held by it and by everybody who may ask it",
    "each": "a name and a password of its own for everybody who may ask it",
}


def code(*words: object) -> str:
    """Each as code, one below the other in a table's cell."""
    return "<br>".join(f"`{word}`" for word in words) or NOTHING


def ports(service: Service) -> str:
    """What the service listens on inside its container."""
    door = [("http", service.door.http), ("https", service.door.https)] if service.door else []
    return "<br>".join(f"{port} {name}" for name, port in [*door, *service.listen.items()]) or NOTHING


def reached(catalog: Catalog, service: Service) -> str:
    """From where: other machines, the door, the host itself, or nowhere but its networks."""
    places = []
    if service.door:
        places.append(f"every address: {service.door.https} (TLS), {service.door.http} (redirects)")
    if service.route and catalog.door:
        key = "" if service.route.auth == "key" else ", without a key"
        places.append(f"door `{service.route.path}`{key}")
    places += [f"loopback `127.0.0.1:{port}`" for port in service.publish.values()]
    return "<br>".join(places) or "nowhere"


def health(service: Service) -> str:
    """What is asked until the service counts as ready, and for how long at most."""
    probe = service.health
    what = f"GET {probe.http}" if isinstance(probe, HttpHealth) else probe.exec[0].rpartition("/")[2]
    return f"`{what}`, {probe.deadline} s"


def limits(service: Service) -> str:
    """Memory, processors and processes."""
    bound = service.limits
    return f"{bound.memory}, {bound.cpus:g} CPU, {bound.pids} pids"


def facts(catalog: Catalog, service: Service) -> Iterator[str]:
    """What the tables have no column for, a sentence each."""
    yield f"Image: {_image(service)}."
    if consumers := catalog.consumers(service.name):
        yield f"Needed by {', '.join(consumer.name for consumer in consumers)}."
    yield from _access(service)
    if vectors := service.embedding:
        yield f"Vectors: {vectors.model}, {vectors.dimension} numbers; who needs it refuses others."
    if service.models:
        yield f"Models: the files that [{service.models}](../services/{service.name}/{service.models}) lists, root's."
    if service.metrics:
        key = ", for whoever has its key" if service.metrics.auth == "key" else ""
        yield f"Metrics: `{service.metrics.path}` on port {service.listen[service.metrics.port]}{key}."
    yield from _measuring(service)
    if service.writable:
        yield f"Writable besides its volumes, in memory: {', '.join(f'`{path}`' for path in service.writable)}."
    yield from _departures(service)


def _measuring(service: Service) -> Iterator[str]:
    if service.watches:
        yield f"Measures {' and '.join(service.watches)}, and has nothing of its own there."
    if service.scrapes:
        yield "Collects the metrics of every service that has some."
    if service.notifies:
        yield "Tells the receivers that the inventory names (`alerts`) of alerts; without one it has no way out."
    if service.takes_spans:
        port = service.listen[service.takes_spans]
        yield f"Takes the spans of every service on the kit, as OTLP over HTTP at port {port}."
    if service.dashboards:
        yield f"Shows the dashboards, which lie at `{service.dashboards}`."
    if service.host_metrics:
        yield f"Reads what the host measures of itself, at `{service.host_metrics}`."


def _access(service: Service) -> Iterator[str]:
    if service.credential:
        yield f"Credential: {_CREDENTIALS[service.credential]}."
    if service.verifies_keys:
        yield "Has the list of hashed client keys and checks them itself."
    if service.route:
        yield f"At the door: answers within {service.route.timeout} s, bodies up to {service.route.body}."


def _departures(service: Service) -> Iterator[str]:
    if service.egress:
        yield f"**May leave the host**: {service.egress.reason}"
    if service.exceptions.writable_root:
        yield f"**Its root file system is writable**: {service.exceptions.writable_root}"
    if service.profiles != ("core",):
        yield f"Runs with the profiles {', '.join(service.profiles)}."


def _image(service: Service) -> str:
    image = service.image
    built = f"built from [services/{service.name}/Containerfile](../services/{service.name}/Containerfile)"
    if image.ref is None or image.digest is None:
        return built
    pulled = f"`{image.ref}` at `{image.digest[:19]}…`"
    return f"{pulled}, or {built}" if image.build else pulled
