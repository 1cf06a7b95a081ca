"""What REST and MCP both offer, in one place: requests in, answers out."""

import asyncio
import time

from garrison_kit.clients import Client

from hybrid_coordinator import stats
from hybrid_coordinator.answers import (
    CollectionList,
    CollectionState,
    Contributed,
    Found,
    SearchPage,
)
from hybrid_coordinator.contributions import Contribution
from hybrid_coordinator.filters import Filter
from hybrid_coordinator.interactions import Given, Kept
from hybrid_coordinator.knowledge import Collection
from hybrid_coordinator.learning_answers import (
    Extracted,
    InteractionFound,
    Stats,
    Tracked,
    TrainingRecord,
)
from hybrid_coordinator.requests import Contribute, Export, Search, Track, Update
from hybrid_coordinator.service import Service
from hybrid_coordinator.training import export


async def search(service: Service, given: Search) -> SearchPage:
    """One page of hits. Raises DependencyError."""
    started = time.perf_counter()
    page = await service.searcher.page(
        given.query,
        given.collections,
        limit=given.limit,
        offset=given.offset,
        min_score=given.min_score,
        metadata=given.filters,
    )
    return SearchPage(
        results=[Found.of(hit) for hit in page.hits],
        limit=given.limit,
        offset=given.offset,
        has_more=page.has_more,
        query_time_ms=round((time.perf_counter() - started) * 1000, 2),
    )


async def contribute(service: Service, client: Client, given: Contribute) -> Contributed:
    """Store knowledge. Raises DependencyError."""
    collection = Collection(given.collection)
    stored = await service.contributions.store(
        client.name,
        Contribution(
            collection=collection,
            title=given.title,
            content=given.content,
            source=given.source,
            metadata=given.metadata,
        ),
    )
    if stored.status != "unchanged":
        await service.link.do_all([stats.count("contributions")])
    return Contributed(
        id=stored.document, status=stored.status, collection=collection, context_ids=stored.ids
    )


async def list_collections(service: Service) -> CollectionList:
    """All collections with how much they hold. Raises DependencyError."""
    valuable = Filter(equal={"is_high_value": True})
    counts = await asyncio.gather(*(service.store.count(one) for one in Collection))
    recallable = await service.store.count(Collection.INTERACTIONS, valuable)
    return CollectionList(
        collections=[
            CollectionState(
                name=one,
                points=count,
                recallable=recallable if one is Collection.INTERACTIONS else count,
                min_score=service.settings.min_scores[one],
            )
            for one, count in zip(Collection, counts, strict=True)
        ],
        model=service.expected.model,
        dimension=service.expected.dimension,
    )


async def track(service: Service, client: Client, given: Track) -> Tracked:
    """Keep an interaction. Raises DependencyError; then it was not accepted."""
    kept = await service.interactions.track(
        client.name,
        Given(
            query=given.query,
            response=given.response,
            agent_type=given.agent_type,
            context_ids=given.context_ids,
            outcome=given.outcome,
            user_feedback=given.user_feedback,
            known_as=given.idempotency_key,
            metadata=given.metadata,
        ),
    )
    return _tracked(kept)


async def update(service: Service, client: Client, interaction_id: str, given: Update) -> Tracked:
    """Say how an interaction ended. Raises HttpProblemError: 404, and DependencyError."""
    kept = await service.interactions.update(
        client.name,
        interaction_id,
        outcome=given.outcome,
        user_feedback=given.user_feedback,
        is_admin="admin" in client.scopes,
    )
    return _tracked(kept)


async def read_interaction(service: Service, client: Client, interaction_id: str) -> InteractionFound:
    """An interaction of this client. Raises HttpProblemError: 404, and DependencyError."""
    found = await service.interactions.read(client.name, interaction_id, is_admin="admin" in client.scopes)
    return InteractionFound(
        id=interaction_id, query=found.title, response=found.content, **found.model_dump()
    )


async def forget(service: Service, client: Client, interaction_id: str) -> None:
    """Delete an interaction of this client. Raises HttpProblemError: 404, and DependencyError."""
    await service.interactions.forget(client.name, interaction_id, is_admin="admin" in client.scopes)


def _tracked(kept: Kept) -> Tracked:
    interaction = kept.interaction
    return Tracked(
        id=kept.id,
        status=kept.status,
        outcome=interaction.outcome,
        user_feedback=interaction.user_feedback,
        value=interaction.value,
        is_high_value=interaction.is_high_value,
        reusability=interaction.reusability,
        complexity=interaction.complexity,
        novelty=interaction.novelty,
    )


async def extract(service: Service) -> Extracted:
    """Extract patterns now. Raises DependencyError; what was done until then stays done."""
    done = await service.extraction.run()
    return Extracted(
        read=done.read,
        groups=done.groups,
        patterns_written=done.written,
        patterns_removed=done.removed,
        offset=done.offset,
        is_done=done.is_done,
    )


async def read_stats(service: Service) -> Stats:
    """What was counted. Raises DependencyError."""
    counted = await stats.read(service.link)
    number = counted.counters.get
    queries, hits = number("total_queries", 0), number("context_hits", 0)
    return Stats(
        total_queries=queries,
        context_hits=hits,
        context_hit_rate=round(hits / queries, 4) if queries else 0.0,
        last_query_at=counted.last_query_at,
        agent_types=counted.agent_types,
        interactions=number("interactions", 0),
        outcomes=number("outcomes", 0),
        feedback=number("feedback", 0),
        contributions=number("contributions", 0),
        turns=number("turns", 0),
        answers=number("answers", 0),
        extracted=number("extracted", 0),
    )


async def training_data(service: Service, wanted: Export) -> list[TrainingRecord]:
    """The records, all at once: for few of them. Raises DependencyError."""
    return [record async for page in export(service.store, wanted) for record in page]
