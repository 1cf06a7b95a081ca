"""What clients send."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hybrid_coordinator.fields import (
    MAX_PROMPT,
    AgentType,
    Body,
    Budget,
    Content,
    Filters,
    Metadata,
    PointId,
    Prompt,
    Query,
    Rating,
    Response,
    Score,
    SessionId,
    Source,
    Title,
)
from hybrid_coordinator.knowledge import Collection, Given, Outcome
from hybrid_coordinator.searching import ALL, MAX_OFFSET

Level = Literal["standard", "detailed", "comprehensive"]
# An enum comes as text in JSON, which strictness would refuse.
Collections = Annotated[
    list[Annotated[Collection, Field(strict=False)]], Field(min_length=1, max_length=len(ALL))
]


class Contribute(Body):
    """Knowledge for a collection; with the same ``source`` (or title) it replaces what was there."""

    collection: Given
    title: Title
    content: Content
    source: Source | None = None
    metadata: Metadata = Field(default_factory=dict)


class Search(Body):
    """A question, and which part of the answer is wanted."""

    query: Query
    collections: Collections = Field(default_factory=lambda: list(ALL))
    limit: Annotated[int, Field(ge=1, le=100)] = 10
    offset: Annotated[int, Field(ge=0, le=MAX_OFFSET)] = 0
    min_score: Score | None = None
    filters: Annotated[Filters, Field(description="metadata that must be equal")] = Field(
        default_factory=dict
    )


class Augment(Body):
    """A query to be given with what the collections know of it."""

    query: Query
    agent_type: AgentType = "remote"
    collections: Collections = Field(default_factory=lambda: list(ALL))
    max_tokens: Budget = 2000


class MultiTurn(Body):
    """One turn of a session; without ``session_id`` it begins one."""

    query: Query
    session_id: SessionId | None = None
    context_level: Level = "standard"
    previous_context_ids: Annotated[list[PointId], Field(max_length=200)] = Field(default_factory=list)
    collections: Collections = Field(default_factory=lambda: list(ALL))
    max_tokens: Budget = 2000
    metadata: Metadata = Field(default_factory=dict)


class ContextRating(Body):
    """How useful a context was: from -1 (misled) to 1 (helped)."""

    context_id: PointId
    rating: Rating


class Evaluate(Body):
    """What came of a session's contexts: how sure the answer is, and what was missing."""

    session_id: SessionId
    response: Response
    confidence: Score
    gaps: Annotated[list[Query], Field(max_length=10)] = Field(default_factory=list)
    ratings: Annotated[list[ContextRating], Field(max_length=50)] = Field(default_factory=list)
    metadata: Metadata = Field(default_factory=dict)


class Track(Body):
    """A question with its response; the same one sent again is kept once."""

    query: Query
    response: Response
    agent_type: AgentType = "remote"
    context_ids: Annotated[list[PointId], Field(max_length=100)] = Field(default_factory=list)
    outcome: Outcome = "unknown"
    user_feedback: Rating | None = None
    idempotency_key: Source | None = None
    metadata: Metadata = Field(default_factory=dict)


class Update(Body):
    """How an interaction ended, or was liked."""

    outcome: Outcome | None = None
    user_feedback: Rating | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.outcome is None and self.user_feedback is None:
            raise ValueError("give an outcome, a user_feedback, or both")
        return self


class ChatMessage(Body):
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: Prompt


class Ask(Body):
    """A prompt, or the messages of a conversation that ends with the user's."""

    prompt: Prompt | None = None
    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=50)] | None = None
    collections: Collections = Field(default_factory=lambda: list(ALL))
    agent_type: AgentType = "local"
    max_tokens: Annotated[int, Field(ge=1, le=4096, description="of the answer")] = 256
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] = 0.2

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Self:
        if (self.prompt is None) == (self.messages is None):
            raise ValueError("give either a prompt or messages")
        if self.messages is not None and self.messages[-1].role != "user":
            raise ValueError("the last message must be the user's")
        if sum(len(message.content) for message in self.messages or ()) > MAX_PROMPT:
            raise ValueError(f"the messages together are longer than {MAX_PROMPT} characters")
        return self

    @property
    def conversation(self) -> list[ChatMessage]:
        """The messages; a prompt is one of them."""
        if self.messages is not None:
            return self.messages
        return [ChatMessage(role="user", content=self.prompt or "")]


class Export(Body):
    """Which interactions are wanted as training data."""

    limit: Annotated[int, Field(ge=1, le=10_000)] = 1000
    min_value: Score | None = None
    outcome: Outcome | None = None
