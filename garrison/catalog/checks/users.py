"""Users: what a service of ours leaves behind belongs to it alone."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from garrison.problem import Problem

if TYPE_CHECKING:
    from garrison.catalog.catalog import Catalog

# Below are the uids that images of others bring along (postgres and redis both say 999): not ours to choose.
_FIRST_CHOSEN = 1000


def check_users(catalog: "Catalog") -> Iterator[Problem]:
    """No two services run as the same user, as far as the user can be chosen."""
    owners: dict[int, str] = {}
    taken = {service.user for service in catalog.services.values()}
    for name, service in catalog.services.items():
        other = owners.setdefault(service.user, name)
        if other != name and service.user >= _FIRST_CHOSEN:
            free = next(uid for uid in range(service.user + 1, 2**16) if uid not in taken)
            yield Problem(
                where=catalog.sources[name].where("user"),
                id="catalog.user-clash",
                what=f"user {service.user} is already used in {catalog.sources[other].where('user')}.",
                remedy=f"Choose another; free is {free}.",
            )
