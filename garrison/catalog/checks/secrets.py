"""Secrets: each is defined once, and mounted somewhere."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from garrison.catalog.receivers import GIVEN
from garrison.catalog.secrets import (
    BUILT_IN,
    credentials_in,
    derived,
    pair_credential,
    shared_credential,
    standby_credential,
)
from garrison.catalog.validate import near
from garrison.problem import Problem

if TYPE_CHECKING:
    from garrison.catalog.catalog import Catalog


def check_definitions(catalog: "Catalog") -> Iterator[Problem]:
    """A secret has one owner, a name that no credential has, and a service that reads it."""
    owners: dict[str, str] = {}
    credentials = derived(catalog.services, catalog.door)
    mounted = {secret for service in catalog.services.values() for secret in service.secrets}
    for name, service in catalog.services.items():
        for index, secret in enumerate(service.defines):
            where = catalog.sources[name].where("defines", index)
            if secret in credentials or secret in BUILT_IN | GIVEN:
                kind = "the name of a credential" if secret in credentials else "built in"
                yield _taken(where, secret, kind)
            elif secret in owners:
                yield _taken(where, secret, f"defined in {catalog.sources[owners[secret]].where('defines')}")
            elif secret not in mounted:
                yield Problem(
                    where=where,
                    id="catalog.unread-secret",
                    what=f"no service has the secret {secret!r} mounted.",
                    remedy="List it under 'secrets' of the service that reads it, or take it out.",
                )
            owners.setdefault(secret, name)
    yield from _check_credentials(catalog)


def _taken(where: str, secret: str, by: str) -> Problem:
    return Problem(
        where=where,
        id="catalog.secret-clash",
        what=f"the secret {secret!r} is already {by}.",
        remedy="Choose another name.",
    )


def _check_credentials(catalog: "Catalog") -> Iterator[Problem]:
    # '-' becomes '_', so two pairs can end in one name: a-b with c, a with b-c.
    ends = [
        (pair_credential(name, consumer.name), name)
        for name, service in catalog.services.items()
        if service.credential == "each"
        for consumer in catalog.consumers(name)
    ]
    shared = [name for name, service in catalog.services.items() if service.credential == "shared"]
    ends += [(secret(name), name) for name in shared for secret in (shared_credential, standby_credential)]
    counts = Counter(secret for secret, _ in ends)
    for secret, name in ends:
        if counts[secret] > 1:
            yield Problem(
                where=catalog.sources[name].where("credential"),
                id="catalog.credential-clash",
                what=f"two credentials would be called {secret!r}.",
                remedy="Rename one of the services.",
            )


def check_mounts(catalog: "Catalog") -> Iterator[Problem]:
    """Every secret that a service lists exists, and is its to read."""
    defined = {secret for service in catalog.services.values() for secret in service.defines}
    credentials = derived(catalog.services, catalog.door)
    for name, service in catalog.services.items():
        own = credentials_in(catalog.services, catalog.door, service)
        for index, secret in enumerate(service.secrets):
            where = catalog.sources[name].where("secrets", index)
            if secret in own:
                yield _listed(where, f"{secret!r} is a credential that it has anyway.", "Take it out.")
            elif secret in credentials:
                yield _listed(
                    where,
                    f"{secret!r} is a credential between other services.",
                    "Take it out; a credential comes with 'needs'.",
                )
            elif secret in BUILT_IN and not service.door:
                yield _listed(where, f"{secret!r} is for the door alone.", "Take it out.")
            elif secret in GIVEN and not service.notifies:
                yield _listed(
                    where, f"{secret!r} is for whoever tells people of alerts alone.", "Take it out."
                )
            elif secret not in defined | BUILT_IN | GIVEN:
                yield Problem(
                    where=where,
                    id="catalog.undefined-secret",
                    what=f"no service defines the secret {secret!r}.",
                    remedy=near(secret, sorted(defined), "Add it to 'defines' of the service that owns it."),
                )


def _listed(where: str, what: str, remedy: str) -> Problem:
    return Problem(where=where, id="catalog.credential-listed", what=what, remedy=remedy)
