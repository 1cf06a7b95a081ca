"""The same over MCP: each tool does what its route does."""

from collections.abc import Callable
from typing import Annotated

from garrison_kit import clients
from garrison_kit.clients import Client
from garrison_kit.mcp import Tools
from garrison_kit.problems import HttpProblemError
from pydantic import Field

from hybrid_coordinator import fields, operations, requests
from hybrid_coordinator.answers import Augmented, SearchPage
from hybrid_coordinator.knowledge import Outcome
from hybrid_coordinator.learning_answers import Tracked, TrainingRecord
from hybrid_coordinator.searching import ALL
from hybrid_coordinator.service import Service

_INSTRUCTIONS = (
    "What earlier work has taught this stack. Before you answer, augment_query gives a question with what is known of "
    "it. After it, track_interaction keeps question and response, and update_outcome says later how it ended: what "
    "worked is given to whoever asks next."
)
_Query = Annotated[fields.Query, Field(description="the question or task, in words")]
_AgentType = Annotated[
    fields.AgentType, Field(description="what kind of agent asks, such as local or remote")
]
_Collections = Annotated[
    requests.Collections, Field(description="which collections to look in; all by default")
]
_Outcome = Annotated[Outcome, Field(description="how it ended")]
_Feedback = Annotated[
    fields.Rating | None, Field(description="how the user liked it, from -1 to 1; leave it out if unknown")
]
_Limit = Annotated[int, Field(ge=1, le=100, description="at most so many")]


def _client() -> Client:
    client = clients.current()
    if client is None:
        raise HttpProblemError(401, "A valid API key is needed.")
    return client


def make_tools(name: str, version: str, current: Callable[[], Service]) -> Tools:
    """The tools; ``current`` gives the service, and raises HttpProblemError while it isn't ready."""
    tools = Tools(name, version, _INSTRUCTIONS)
    _add_reading(tools, current)
    _add_writing(tools, current)
    return tools


def _add_reading(tools: Tools, current: Callable[[], Service]) -> None:
    @tools.tool(scope="read")
    async def augment_query(
        query: _Query,
        agent_type: _AgentType = "remote",
        collections: _Collections = list(ALL),  # noqa: B006 - never changed; it is what the schema shows
        max_tokens: Annotated[fields.Budget, Field(description="what the whole prompt may cost")] = 2000,
    ) -> Augmented:
        """Give a question with what earlier work knows of it: a prompt, and where its contexts came from."""
        given = requests.Augment(
            query=query, agent_type=agent_type, collections=collections, max_tokens=max_tokens
        )
        return await current().augmenter.augment(given)

    @tools.tool(scope="read")
    async def search_context(
        query: _Query,
        collections: _Collections = list(ALL),  # noqa: B006 - as above
        limit: _Limit = 10,
        offset: Annotated[int, Field(ge=0, le=1000, description="how many to pass over")] = 0,
        min_score: Annotated[fields.Score, Field(description="what a hit must score")] = 0.0,
    ) -> SearchPage:
        """Search what earlier work knows, by meaning; best first."""
        given = requests.Search(
            query=query, collections=collections, limit=limit, offset=offset, min_score=min_score
        )
        return await operations.search(current(), given)


def _add_writing(tools: Tools, current: Callable[[], Service]) -> None:
    @tools.tool(scope="write")
    async def track_interaction(
        query: _Query,
        response: Annotated[fields.Response, Field(description="what was answered or done")],
        agent_type: _AgentType = "remote",
        context_ids: Annotated[
            list[fields.PointId], Field(max_length=100, description="the contexts that were used")
        ] = [],  # noqa: B006 - never changed
        outcome: _Outcome = "unknown",
        user_feedback: _Feedback = None,
    ) -> Tracked:
        """Keep a question with its response. The same again is the same one; its id is for update_outcome."""
        given = requests.Track(
            query=query,
            response=response,
            agent_type=agent_type,
            context_ids=context_ids,
            outcome=outcome,
            user_feedback=user_feedback,
        )
        return await operations.track(current(), _client(), given)

    @tools.tool(scope="write")
    async def update_outcome(
        interaction_id: Annotated[fields.PointId, Field(description="what track_interaction gave")],
        outcome: _Outcome,
        user_feedback: _Feedback = None,
    ) -> Tracked:
        """Say how an interaction ended, and how it was liked."""
        given = requests.Update(outcome=outcome, user_feedback=user_feedback)
        return await operations.update(current(), _client(), interaction_id, given)

    @tools.tool(scope="admin")
    async def generate_training_data(
        limit: _Limit = 50,
        min_value: Annotated[fields.Score, Field(description="what an interaction must be worth")] = 0.0,
    ) -> list[TrainingRecord]:
        """Give high-value interactions as chat messages to train on."""
        return await operations.training_data(current(), requests.Export(limit=limit, min_value=min_value))
