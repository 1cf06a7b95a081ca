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


def derived(services: Mapping[str, Service], door: Service | None) -> set[str]:
    """The names of all secrets that follow from a ``credential`` somewhere."""
    return {name for service in services.values() for name in credentials_in(services, door, service)}


def mounted_in(services: Mapping[str, Service], door: Service | None, service: Service) -> tuple[str, ...]:
    """The names of the secrets mounted into ``service``, sorted."""
    return tuple(sorted({*service.secrets, *credentials_in(services, door, service)}))


def credentials_in(services: Mapping[str, Service], door: Service | None, service: Service) -> set[str]:
    """The names of the secrets that ``service`` gets because it offers or uses a credential."""
    names = _offered(services, service)
    for provider in services.values():
        routed = door is not None and service.name == door.name and provider.route is not None
        if provider.credential == "shared" and (routed or provider.name in service.needs):
            names.add(shared_credential(provider.name))
        if provider.credential == "each" and provider.name in service.needs:
            names.add(pair_credential(provider.name, service.name))
    return names


def _offered(services: Mapping[str, Service], provider: Service) -> set[str]:
    if provider.credential == "shared":
        return {shared_credential(provider.name)}
    if provider.credential is None:
        return set()
    consumers = [service.name for service in services.values() if provider.name in service.needs]
    return {pair_credential(provider.name, consumer) for consumer in consumers}
