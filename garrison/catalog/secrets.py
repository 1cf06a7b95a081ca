"""Which secrets follow from credentials, and who gets to see which."""

from collections.abc import Mapping

from garrison.catalog.model import Service

# Not random: the host makes this key and asks the fleet's CA for the certificate.
BUILT_IN = frozenset({"door_tls_key"})


def shared_credential(provider: str) -> str:
    """The name of the one secret that ``provider`` and all its consumers hold."""
    return f"{provider}_key".replace("-", "_")


def pair_credential(provider: str, consumer: str) -> str:
    """The name of the secret that only ``provider`` and ``consumer`` hold."""
    return f"{provider}_{consumer}_password".replace("-", "_")


def standby_credential(provider: str) -> str:
    """The name of the key that ``provider`` takes beside the shared one: the next one, which nobody sends yet."""
    return f"{shared_credential(provider)}_standby"


def keeps_proofs(service: Service) -> bool:
    """Whether ``service`` judges passwords by proofs in a file of its own; who verifies keys has them in that list."""
    return service.credential == "each" and not service.verifies_keys


def holders(services: Mapping[str, Service], door: Service | None, provider: Service) -> tuple[str, ...]:
    """The services that hold a credential for ``provider``, by name."""
    return tuple(name for name, service in services.items() if _asks(provider, door, service))


def derived(services: Mapping[str, Service], door: Service | None) -> set[str]:
    """The names of all secrets that follow from a ``credential`` somewhere."""
    return {name for service in services.values() for name in credentials_in(services, door, service)}


def mounted_in(services: Mapping[str, Service], door: Service | None, service: Service) -> tuple[str, ...]:
    """The names of the secrets mounted into ``service``, sorted."""
    shown = {
        one.metrics.secret
        for one in services.values()
        if service.scrapes and one.metrics and one.metrics.secret
    }
    return tuple(sorted({*service.secrets, *credentials_in(services, door, service), *shown}))


def credentials_in(services: Mapping[str, Service], door: Service | None, service: Service) -> set[str]:
    """The names of the secrets that ``service`` gets because it offers or uses a credential."""
    names = _offered(service)
    for provider in services.values():
        if provider.credential and _asks(provider, door, service):
            names.add(credential_of(provider, service.name))
    return names


def credential_of(provider: Service, consumer: str) -> str:
    """The name of the secret by which ``consumer`` asks ``provider``."""
    if provider.credential == "shared":
        return shared_credential(provider.name)
    return pair_credential(provider.name, consumer)


def _asks(provider: Service, door: Service | None, service: Service) -> bool:
    routed = door is not None and service.name == door.name and provider.route is not None
    return routed or provider.name in service.needs or _scrapes(provider, service)


def _scrapes(provider: Service, service: Service) -> bool:
    metrics = provider.metrics
    return service.scrapes and metrics is not None and metrics.auth == "key" and metrics.secret is None


def _offered(provider: Service) -> set[str]:
    """A provider to which each has a password of its own holds none of them: it has proofs (docs/decisions/0012)."""
    if provider.credential == "shared":
        return {shared_credential(provider.name), standby_credential(provider.name)}
    return set()
