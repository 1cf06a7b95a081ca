"""Gives a query what the collections know of it, once or over the turns of a session."""

import secrets
from collections.abc import Mapping
from types import MappingProxyType

from hybrid_coordinator import stats
from hybrid_coordinator.answers import Augmented, ContextRef, Turned
from hybrid_coordinator.knowledge import Collection
from hybrid_coordinator.ranking import drop_repeats
from hybrid_coordinator.redis_link import Link
from hybrid_coordinator.rendering import Context, choose, frame_tokens, write_prompt
from hybrid_coordinator.requests import Augment, Level, MultiTurn
from hybrid_coordinator.searching import Searcher
from hybrid_coordinator.sessions import Offer, Sessions, no_session
from hybrid_coordinator.tokens import count_tokens

MOST_CONTEXTS = 8
_SUGGESTIONS = 3
# How many contexts a level gives, and by how much it lowers what they must score.
_LEVELS: Mapping[Level, tuple[int, float]] = MappingProxyType(
    {"standard": (4, 1.0), "detailed": (8, 0.9), "comprehensive": (16, 0.75)}
)


class Augmenter:
    """Each method raises DependencyError when a dependency doesn't answer: never an answer without having looked."""

    def __init__(
        self, searcher: Searcher, sessions: Sessions, link: Link, min_scores: Mapping[Collection, float]
    ) -> None:
        self._searcher, self._sessions, self._link = searcher, sessions, link
        self._min_scores = min_scores

    async def contexts(self, query: str, collections: list[Collection], budget: int) -> list[Context]:
        """The best contexts for a query that fit into ``budget`` tokens."""
        wanted = {one: self._min_scores[one] for one in collections}
        hits = await self._searcher.best(query, wanted, most=MOST_CONTEXTS * 2)
        return choose(drop_repeats(hits), budget, MOST_CONTEXTS)

    async def augment(self, given: Augment) -> Augmented:
        """The prompt: it keeps to the budget, unless the query alone is longer; then it is the query."""
        budget = given.max_tokens - frame_tokens(given.query)
        contexts = await self.contexts(given.query, given.collections, budget)
        prompt = write_prompt(given.query, contexts)
        await self._link.do_all(stats.count_query(given.agent_type, len(contexts)))
        return Augmented(
            augmented_prompt=prompt,
            original_query=given.query,
            context_ids=[context.hit.id for context in contexts],
            context_count=len(contexts),
            contexts=[ContextRef.of(context.hit) for context in contexts],
            token_count=count_tokens(prompt),
        )

    async def turn(self, client: str, given: MultiTurn) -> Turned:
        """One turn: nothing that its session has been given before. Raises HttpProblemError 404 or 409."""
        session = given.session_id or secrets.token_hex(16)
        if given.session_id is not None and await self._sessions.find(client, session) is None:
            raise no_session(session)
        most, lowered = _LEVELS[given.context_level]
        wanted = {one: self._min_scores[one] * lowered for one in given.collections}
        seen = await self._sessions.seen(client, session) | set(given.previous_context_ids)
        hits = drop_repeats(
            await self._searcher.best(given.query, wanted, most=most * 2, but=frozenset(seen))
        )
        contexts = choose(hits, given.max_tokens, most)
        turn = await self._sessions.take_turn(
            client,
            session,
            is_new=given.session_id is None,
            query=given.query,
            level=given.context_level,
            known=given.previous_context_ids,
            offers=[Offer(id=context.hit.id, tokens=context.tokens) for context in contexts],
            budget=given.max_tokens,
            most=most,
        )
        await self._link.do_all([stats.count("turns")])
        # Another turn at the same moment may have taken some of them.
        given_now = [context for context in contexts if context.hit.id in turn.chosen]
        others = [hit.entry.title for hit in hits if hit.id not in {one.hit.id for one in contexts}]
        text = "".join(context.text for context in given_now)
        return Turned(
            session_id=session,
            turn_number=turn.number,
            context=text,
            context_ids=[context.hit.id for context in given_now],
            contexts=[ContextRef.of(context.hit) for context in given_now],
            suggestions=list(dict.fromkeys(others))[:_SUGGESTIONS],
            token_count=count_tokens(text),
            collections_searched=given.collections,
        )
