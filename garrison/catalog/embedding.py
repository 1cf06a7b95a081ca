"""The embedding model that a service offers, told to it and to everyone who needs it."""

from collections.abc import Mapping

from garrison.catalog.model import Service

MODEL, DIMENSION = "GARRISON_EMBEDDING_MODEL", "GARRISON_EMBEDDING_DIMENSION"
VARIABLES = (MODEL, DIMENSION)


def embeddings_seen(services: Mapping[str, Service], service: Service) -> tuple[str, ...]:
    """The services whose vectors ``service`` deals in: its own, then those of its needs."""
    near = (service.name, *service.needs)
    return tuple(name for name in near if name in services and services[name].embedding)


def environment_of(services: Mapping[str, Service], service: Service) -> dict[str, str]:
    """What ``service`` finds in its environment: what its file says, and the model of its vectors."""
    environment = dict(service.environment)
    for name in embeddings_seen(services, service)[:1]:
        embedding = services[name].embedding
        if embedding:
            environment |= {MODEL: embedding.model, DIMENSION: str(embedding.dimension)}
    return environment
