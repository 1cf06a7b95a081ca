"""What a point of each collection holds: one model for whoever writes it and whoever reads it."""

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field

NAMESPACE = UUID("6f2c3a0e-4d5b-5a63-9c1e-1b8f0c7d2e94")

Outcome = Literal["success", "partial", "failure", "unknown"]
Scalar = bool | int | float | str
Fraction = Annotated[float, Field(ge=0, le=1)]


class Collection(StrEnum):
    """The collections in Qdrant."""

    CODEBASE = "codebase-context"
    SKILLS = "skills-patterns"
    ERRORS = "error-solutions"
    INTERACTIONS = "interaction-history"
    PRACTICES = "best-practices"


class Entry(BaseModel):
    """What every point holds."""

    model_config = ConfigDict(frozen=True)

    title: str
    content: str
    client: str
    updated_at: str

    @property
    def text(self) -> str:
        """What is shown of it as context."""
        return self.content


class Knowledge(Entry):
    """A part of a document that a client gave; ``document`` is what its parts have in common."""

    document: str
    part: int
    parts: int
    digest: str
    metadata: dict[str, Scalar] = Field(default_factory=dict)


class CodeContext(Knowledge):
    """A piece of a code base."""


class ErrorSolution(Knowledge):
    """The title is the error, the content its solution."""


class BestPractice(Knowledge):
    """The title names the practice."""


class Skill(Knowledge):
    """A skill that a client gave, or a pattern that the extraction found: then it has a group."""

    part: int = 0
    parts: int = 1
    group: str | None = None
    support: int = 0
    success_rate: float = 0.0
    agent_types: list[str] = Field(default_factory=list)
    interaction_ids: list[str] = Field(default_factory=list)
    summary: str | None = None

    @property
    def text(self) -> str:
        """The summary, where a model could phrase one, before the content."""
        return f"{self.summary}\n{self.content}" if self.summary else self.content


class Interaction(Entry):
    """The title is the question, the content the response."""

    agent_type: str
    context_ids: list[str] = Field(default_factory=list)
    outcome: Outcome = "unknown"
    user_feedback: float | None = None
    reusability: Fraction
    complexity: Fraction
    novelty: Fraction
    value: Fraction
    is_high_value: bool
    created_at: str
    group: str | None = None
    is_grouped: bool = False
    is_pending: bool = True
    """Changed since patterns were last made of it: so nothing is overlooked should Redis lose its last second."""
    metadata: dict[str, Scalar] = Field(default_factory=dict)


KNOWLEDGE: dict[Collection, type[Knowledge]] = {
    Collection.CODEBASE: CodeContext,
    Collection.SKILLS: Skill,
    Collection.ERRORS: ErrorSolution,
    Collection.PRACTICES: BestPractice,
}
ENTRIES: dict[Collection, type[Entry]] = {**KNOWLEDGE, Collection.INTERACTIONS: Interaction}
Given = Literal["codebase-context", "skills-patterns", "error-solutions", "best-practices"]
"""The collections that clients write to; interactions have routes of their own."""


def make_id(*parts: str) -> str:
    """The same id for the same parts, in every process and at any time."""
    # Each part carries its length, so that ("a", "bc") and ("ab", "c") differ.
    return str(uuid5(NAMESPACE, "".join(f"{len(part)}:{part}" for part in parts)))
