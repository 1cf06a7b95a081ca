"""Embeddings: whoever deals in vectors deals in those of one model, and the catalog says which."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from garrison.catalog.embedding import VARIABLES, embeddings_seen
from garrison.problem import Problem

if TYPE_CHECKING:
    from garrison.catalog.catalog import Catalog


def check_embeddings(catalog: "Catalog") -> Iterator[Problem]:
    """No service sees two models, and none names one in its own environment."""
    for name, service in catalog.services.items():
        source = catalog.sources[name]
        for variable in sorted(set(VARIABLES) & set(service.environment)):
            yield Problem(
                where=source.where("environment", variable),
                id="catalog.embedding-in-environment",
                what="this follows from 'embedding' of the service that makes the vectors.",
                remedy="Take it out, and have that service in 'needs'.",
            )
        seen = embeddings_seen(catalog.services, service)
        if len(set(seen)) > 1:
            at = ("embedding",) if seen[0] == name else ("needs", service.needs.index(seen[1]))
            yield Problem(
                where=source.where(*at),
                id="catalog.two-embeddings",
                what=f"{' and '.join(seen)} each have an embedding model, and vectors of two don't compare.",
                remedy="Keep one of them.",
            )
