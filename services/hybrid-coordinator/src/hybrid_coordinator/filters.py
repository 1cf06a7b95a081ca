"""Conditions on payloads, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from qdrant_client import models

Value = bool | int | str


@dataclass(frozen=True, kw_only=True)
class Filter:
    """All of ``equal`` must hold; ``but`` names points that are left out."""

    equal: Mapping[str, Value] = field(default_factory=dict)
    but: tuple[str, ...] = ()

    def build(self) -> models.Filter:
        """In the words of qdrant-client."""
        must: list[models.Condition] = [
            models.FieldCondition(key=key, match=models.MatchValue(value=value))
            for key, value in self.equal.items()
        ]
        without: list[models.Condition] = [models.HasIdCondition(has_id=list(self.but))] if self.but else []
        return models.Filter(must=must or None, must_not=without or None)
