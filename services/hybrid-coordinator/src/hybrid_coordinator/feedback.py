"""Takes feedback: stores it, lets it move the contexts it rates, and looks for what closes its gaps."""

import asyncio
from collections.abc import Mapping
from typing import Any

from hybrid_coordinator import stats
from hybrid_coordinator.answers import Evaluated, SessionInfo, Suggestion
from hybrid_coordinator.knowledge import Collection
from hybrid_coordinator.ranking import Hit
from hybrid_coordinator.redis_link import Link
from hybrid_coordinator.requests import Evaluate
from hybrid_coordinator.searching import ALL, Searcher
from hybrid_coordinator.sessions import Session, Sessions, no_session, now
from hybrid_coordinator.store import Store
from hybrid_coordinator.votes import Ballot

_A_GAP = 2
_RESPONSE_KEPT, _GAP_KEPT, _VALUE_KEPT = 2000, 500, 100


class Feedback:
    """Stores and uses feedback."""

    def __init__(
        self,
        searcher: Searcher,
        store: Store,
        sessions: Sessions,
        ballot: Ballot,
        link: Link,
        min_scores: Mapping[Collection, float],
    ) -> None:
        self._searcher, self._store, self._sessions = searcher, store, sessions
        self._ballot, self._link, self._min_scores = ballot, link, min_scores

    async def evaluate(self, client: str, given: Evaluate) -> Evaluated:
        """Store the feedback of a session; returns when it is on Redis' disk.

        Raises HttpProblemError: 404 where there is no such session of this client, and DependencyError.
        """
        session = await self._sessions.find(client, given.session_id)
        if session is None:
            raise no_session(given.session_id)
        ratings = {one.context_id: one.rating for one in given.ratings}
        known = await self._known(list(ratings))
        seen = frozenset(await self._sessions.seen(client, given.session_id))
        # One after the other: each asks all collections, and at once they would take everybody's connections.
        found = {
            gap: await self._searcher.best(gap, self._min_scores, most=_A_GAP, but=seen)
            for gap in dict.fromkeys(given.gaps)
        }
        record = {"client": client, "at": now(), **_to_keep(given), "ratings": ratings}
        rated = {one: rating for one, rating in ratings.items() if one in known}
        await self._ballot.record(client, given.session_id, rated, record)
        await self._link.do_all([stats.count("feedback")])
        return _answer(given, session, found, list(rated), [one for one in ratings if one not in known])

    async def _known(self, ids: list[str]) -> set[str]:
        pages = await asyncio.gather(*(self._store.fetch(one, ids) for one in ALL))
        return {point.id for page in pages for point in page}


def _to_keep(given: Evaluate) -> dict[str, Any]:
    # Whole texts would let a single client fill the memory that Redis has for everybody.
    return {
        **given.model_dump(mode="json", include={"session_id", "confidence"}),
        "response": given.response[:_RESPONSE_KEPT],
        "gaps": [gap[:_GAP_KEPT] for gap in given.gaps],
        "metadata": {
            name: value[:_VALUE_KEPT] if isinstance(value, str) else value
            for name, value in given.metadata.items()
        },
    }


def _answer(
    given: Evaluate, session: Session, found: Mapping[str, list[Hit]], rated: list[str], unknown: list[str]
) -> Evaluated:
    suggestions = [
        Suggestion(
            gap=gap,
            query=hit.entry.title[:500],
            collection=hit.collection,
            context_id=hit.id,
            score=hit.score,
        )
        for gap, hits in found.items()
        for hit in hits
    ]
    best = [hits[0].score if hits else 0.0 for hits in found.values()]
    # What is not yet sure, as far as what was found for the gaps can be expected to help.
    increase = round((1 - given.confidence) * sum(best) / len(best), 4) if best else 0.0
    return Evaluated(
        suggested_queries=suggestions,
        unanswered_gaps=[gap for gap, hits in found.items() if not hits],
        estimated_confidence_increase=increase,
        should_refine=bool(suggestions),
        rated_context_ids=rated,
        unknown_context_ids=unknown,
        available_collections=list(ALL),
        session_info=describe_session(session),
    )


def describe_session(session: Session) -> SessionInfo:
    """A session as clients see it."""
    return SessionInfo(
        session_id=session.id,
        turns=session.turns,
        context_level=session.level,
        created_at=session.created_at,
        last_turn_at=session.last_turn_at,
        expires_in=session.expires_in,
        contexts_given=session.contexts_given,
        queries=list(session.queries),
    )
