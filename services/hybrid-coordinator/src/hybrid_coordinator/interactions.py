"""Keeps interactions with what they were worth; an accepted one is in Qdrant, and in the stream that patterns read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from garrison_kit.problems import HttpProblemError

from hybrid_coordinator import stats
from hybrid_coordinator.embedder import Embedder
from hybrid_coordinator.filters import Filter
from hybrid_coordinator.knowledge import Collection, Interaction, Outcome, Scalar, make_id
from hybrid_coordinator.locks import Locks
from hybrid_coordinator.redis_link import Command, Link, key
from hybrid_coordinator.scoring import complexity_of, novelty_of, reusability_of, value_of
from hybrid_coordinator.sessions import now
from hybrid_coordinator.store import Point, Store

STREAM = key("interactions")


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a client tells; ``known_as`` is the client's own name for it, else its content makes it the same."""

    query: str
    response: str
    agent_type: str
    context_ids: Sequence[str]
    outcome: Outcome
    user_feedback: float | None
    known_as: str | None
    metadata: Mapping[str, Scalar]

    def id_for(self, client: str) -> str:
        """The id of the interaction: sent twice, it is the same one."""
        if self.known_as is not None:
            return make_id("interaction", client, "named", self.known_as)
        return make_id("interaction", client, "content", self.agent_type, self.query, self.response)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """An interaction as it is stored now."""

    id: str
    status: Literal["created", "updated"]
    interaction: Interaction


class Interactions:
    """Each method raises DependencyError when a dependency doesn't answer; then nothing was accepted."""

    def __init__(self, embedder: Embedder, store: Store, link: Link, locks: Locks, high_value: float) -> None:
        self._embedder, self._store, self._link, self._locks = embedder, store, link, locks
        self._high_value = high_value

    async def track(self, client: str, given: Given) -> Kept:
        """Store an interaction; returns when Qdrant has applied it and the stream has it."""
        interaction_id = given.id_for(client)
        [vector] = await self._embedder.embed([given.query])
        async with self._locks.hold(interaction_id):
            known = await self._fetch(interaction_id)
            others = Filter(but=(interaction_id,))
            nearest = await self._store.search(Collection.INTERACTIONS, vector, limit=1, where=others)
            novelty = novelty_of(nearest[0].similarity if nearest else None)
            interaction = self._judge(client, given, novelty, known)
            await self._store.put(
                Collection.INTERACTIONS, [Point(id=interaction_id, entry=interaction, vector=vector)]
            )
            counted = [] if known else [stats.count("interactions")]
            await self._announce(interaction_id, counted)
        return Kept(id=interaction_id, status="updated" if known else "created", interaction=interaction)

    async def read(self, client: str, interaction_id: str, *, is_admin: bool) -> Interaction:
        """An interaction. Raises HttpProblemError: 404 where there is none of this client."""
        known = await self._fetch(interaction_id)
        if known is None or not (is_admin or known.client == client):
            raise HttpProblemError(404, f"There is no interaction {interaction_id}.")
        return known

    async def forget(self, client: str, interaction_id: str, *, is_admin: bool) -> None:
        """Delete an interaction; the next extraction makes its pattern without it. Raises as ``read``."""
        async with self._locks.hold(interaction_id):
            known = await self.read(client, interaction_id, is_admin=is_admin)
            await self._store.delete(Collection.INTERACTIONS, [interaction_id])
            if known.group is not None:
                # No point is left to say that its pattern is out of date, so this must not be lost.
                event: Command = ("XADD", STREAM, "*", "id", interaction_id, "group", known.group)
                await self._link.do_durably([event])

    async def update(
        self,
        client: str,
        interaction_id: str,
        *,
        outcome: Outcome | None,
        user_feedback: float | None,
        is_admin: bool,
    ) -> Kept:
        """Say how an interaction ended or was liked; what is None stays.

        Raises HttpProblemError: 404 where there is none of this client; an admin may change everybody's.
        """
        async with self._locks.hold(interaction_id):
            known = await self.read(client, interaction_id, is_admin=is_admin)
            changed = self._revalue(
                known.model_copy(
                    update={
                        "outcome": outcome or known.outcome,
                        "user_feedback": known.user_feedback if user_feedback is None else user_feedback,
                        "updated_at": now(),
                        "is_pending": True,
                    }
                )
            )
            fields = {"outcome", "user_feedback", "value", "is_high_value", "updated_at", "is_pending"}
            await self._store.change(
                Collection.INTERACTIONS, interaction_id, changed.model_dump(include=fields)
            )
            await self._announce(interaction_id, [stats.count("outcomes")])
        return Kept(id=interaction_id, status="updated", interaction=changed)

    async def _fetch(self, interaction_id: str) -> Interaction | None:
        for point in await self._store.fetch(Collection.INTERACTIONS, [interaction_id]):
            if isinstance(point.entry, Interaction):
                return point.entry
        return None

    async def _announce(self, interaction_id: str, counted: list[Command]) -> None:
        # Not MAXLEN: the extraction trims what it has read, and what it hasn't must not go.
        await self._link.do_all([("XADD", STREAM, "*", "id", interaction_id), *counted], atomic=True)

    def _judge(self, client: str, given: Given, novelty: float, known: Interaction | None) -> Interaction:
        time = now()
        # Sent again without an outcome, it keeps the one that was learnt in between.
        outcome = known.outcome if known and given.outcome == "unknown" else given.outcome
        liked = known.user_feedback if known and given.user_feedback is None else given.user_feedback
        return self._revalue(
            Interaction(
                title=given.query,
                content=given.response,
                client=client,
                agent_type=given.agent_type,
                context_ids=list(given.context_ids),
                outcome=outcome,
                user_feedback=liked,
                reusability=reusability_of(given.response),
                complexity=complexity_of(given.query, given.response, len(given.context_ids)),
                novelty=novelty,
                value=0.0,
                is_high_value=False,
                created_at=known.created_at if known else time,
                updated_at=time,
                group=known.group if known else None,
                is_grouped=known.is_grouped if known else False,
                metadata=dict(given.metadata),
            )
        )

    def _revalue(self, interaction: Interaction) -> Interaction:
        value = value_of(
            outcome=interaction.outcome,
            user_feedback=interaction.user_feedback,
            reusability=interaction.reusability,
            complexity=interaction.complexity,
            novelty=interaction.novelty,
        )
        return interaction.model_copy(update={"value": value, "is_high_value": value >= self._high_value})
