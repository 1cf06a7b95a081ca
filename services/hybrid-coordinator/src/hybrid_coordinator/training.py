"""Gives high-value interactions as training data, page by page."""

from collections.abc import AsyncIterator
from typing import cast

from hybrid_coordinator.filters import Filter, Value
from hybrid_coordinator.knowledge import Collection, Interaction
from hybrid_coordinator.learning_answers import TrainingRecord
from hybrid_coordinator.requests import Export
from hybrid_coordinator.store import Point, Store

_PAGE = 100


async def export(store: Store, wanted: Export) -> AsyncIterator[list[TrainingRecord]]:
    """Pages of at most 100 records; holds one page at a time. Raises DependencyError."""
    equal: dict[str, Value] = {"is_high_value": True}
    if wanted.outcome is not None:
        equal["outcome"] = wanted.outcome
    left, after = wanted.limit, None
    while left > 0:
        points, after = await store.scroll(
            Collection.INTERACTIONS, limit=_PAGE, where=Filter(equal=equal), after=after
        )
        records = [_record(point) for point in points]
        page = [one for one in records if one.value >= (wanted.min_value or 0.0)][:left]
        left -= len(page)
        yield page
        if after is None:
            return


def _record(point: Point) -> TrainingRecord:
    interaction = cast(Interaction, point.entry)
    return TrainingRecord(
        id=point.id,
        messages=[
            {"role": "user", "content": interaction.title},
            {"role": "assistant", "content": interaction.content},
        ],
        agent_type=interaction.agent_type,
        outcome=interaction.outcome,
        value=interaction.value,
        created_at=interaction.created_at,
    )
