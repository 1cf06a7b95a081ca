"""Decides who answers a question, and lets them."""

from collections.abc import Mapping
from typing import cast

from garrison_kit.problems import HttpProblemError

from hybrid_coordinator import stats
from hybrid_coordinator.answers import Answered, ContextRef, Routed, Usage
from hybrid_coordinator.augmentation import Augmenter
from hybrid_coordinator.completions import Message, Model
from hybrid_coordinator.confidence import (
    Confidence,
    Decision,
    context_part,
    decide,
    history_part,
    simplicity_part,
)
from hybrid_coordinator.embedder import Embedder
from hybrid_coordinator.knowledge import Collection, Interaction, Outcome
from hybrid_coordinator.redis_link import Link
from hybrid_coordinator.rendering import Context, frame_tokens, write_prompt
from hybrid_coordinator.requests import Ask
from hybrid_coordinator.store import Store
from hybrid_coordinator.tokens import count_tokens, cut_to

# A chat template adds a few tokens to each message.
_A_MESSAGE = 8
_PAST = 5
# What is looked up of a long prompt: the embedding model reads no more of it anyway.
_QUESTION_TOKENS = 2000
_QUESTION_LETTERS = 8000
_CONTEXT_TOKENS = 1200


class Answerer:
    """Each method raises DependencyError when a dependency doesn't answer."""

    def __init__(
        self,
        *,
        augmenter: Augmenter,
        embedder: Embedder,
        store: Store,
        link: Link,
        local: Model,
        remote: Model | None,
        threshold: float,
        window: int,
        min_scores: Mapping[Collection, float],
    ) -> None:
        self._augmenter, self._embedder, self._store, self._link = augmenter, embedder, store, link
        self._local, self._remote = local, remote
        self._threshold, self._window = threshold, window
        self._min_scores = min_scores

    async def route(self, given: Ask) -> Routed:
        """Who would answer, without asking them."""
        routed, _ = await self._route(given)
        return routed

    async def answer(self, given: Ask) -> Answered:
        """The answer of whom the question is routed to. Raises HttpProblemError: 422 for too long a prompt."""
        routed, contexts = await self._route(given)
        is_local = routed.route == "local" or self._remote is None
        model = self._local if is_local else cast(Model, self._remote)
        if is_local and routed.prompt_tokens >= self._window:
            raise HttpProblemError(
                422,
                f"The prompt and its answer take {routed.prompt_tokens} tokens, the local model has {self._window}.",
            )
        *before, last = given.conversation
        messages = [Message(role=one.role, content=one.content) for one in before]
        messages.append(Message(role="user", content=write_prompt(last.content, contexts)))
        said = await model.complete(messages, max_tokens=given.max_tokens, temperature=given.temperature)
        counted = [*stats.count_query(given.agent_type, len(contexts)), stats.count("answers")]
        await self._link.do_all(counted)
        return Answered(
            answer=said.text,
            model=said.model,
            usage=Usage(prompt_tokens=said.prompt_tokens, completion_tokens=said.completion_tokens),
            context_ids=[context.hit.id for context in contexts],
            routing=routed,
        )

    async def _route(self, given: Ask) -> tuple[Routed, list[Context]]:
        *before, last = given.conversation
        question = cut_to(last.content, _QUESTION_TOKENS)[:_QUESTION_LETTERS]
        needed = given.max_tokens + frame_tokens(last.content)
        needed += sum(count_tokens(one.content) for one in before) + _A_MESSAGE * len(given.conversation)
        budget = min(_CONTEXT_TOKENS, self._window - needed)
        contexts = await self._augmenter.contexts(question, given.collections, max(0, budget))
        confidence = Confidence(
            context=context_part([context.hit.score for context in contexts]),
            history=history_part(await self._past(question)),
            simplicity=simplicity_part(last.content, self._window),
        )
        decision = decide(
            confidence,
            threshold=self._threshold,
            prompt_tokens=needed,
            window=self._window,
            has_remote=self._remote is not None,
        )
        return self._describe(decision, needed, contexts), contexts

    async def _past(self, question: str) -> list[tuple[Outcome, float | None]]:
        vector = await self._embedder.embed_query(question)
        hits = await self._store.search(
            Collection.INTERACTIONS, vector, limit=_PAST, min_score=self._min_scores[Collection.INTERACTIONS]
        )
        past = [cast(Interaction, hit.entry) for hit in hits]
        return [(one.outcome, one.user_feedback) for one in past]

    def _describe(self, decision: Decision, needed: int, contexts: list[Context]) -> Routed:
        confidence = decision.confidence
        return Routed(
            route=decision.route,
            wanted=decision.wanted,
            reason=decision.reason,
            confidence=confidence.total,
            threshold=self._threshold,
            context=round(confidence.context, 4),
            history=round(confidence.history, 4),
            simplicity=round(confidence.simplicity, 4),
            prompt_tokens=needed,
            contexts=[ContextRef.of(context.hit) for context in contexts],
        )
