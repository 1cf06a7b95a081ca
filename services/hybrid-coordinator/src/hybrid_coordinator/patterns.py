"""What a group of interactions about the same question has in common; the same members give the same pattern."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from hybrid_coordinator.knowledge import Interaction, Skill, make_id

_MOST_IDS = 50
AUTHOR = "hybrid-coordinator"


@dataclass(frozen=True, kw_only=True)
class Member:
    """An interaction of a group, with the vector of its question."""

    id: str
    vector: list[float]
    interaction: Interaction


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """A pattern as it is stored; the vector is that of its best interaction's question."""

    id: str
    vector: list[float]
    skill: Skill


def pattern_id(group: str) -> str:
    """The id of a group's pattern."""
    return make_id("pattern", group)


def find_pattern(group: str, members: Sequence[Member], support: int) -> Pattern | None:
    """The pattern of a group, None while fewer than ``support`` succeeded or more failed than succeeded."""
    succeeded = [member for member in members if member.interaction.outcome == "success"]
    known = [member for member in members if member.interaction.outcome != "unknown"]
    if len(succeeded) < support or 2 * len(succeeded) < len(known):
        return None
    best = min(succeeded, key=lambda member: (-member.interaction.value, member.id))
    digest = hashlib.sha256(f"{best.interaction.title}\x00{best.interaction.content}".encode()).hexdigest()
    skill = Skill(
        title=best.interaction.title,
        content=best.interaction.content,
        client=AUTHOR,
        # Of its members and not of the clock: extracted again, nothing changes.
        updated_at=max(member.interaction.updated_at for member in members),
        document=pattern_id(group),
        digest=digest,
        group=group,
        support=len(succeeded),
        success_rate=round(len(succeeded) / len(known), 4),
        agent_types=sorted({member.interaction.agent_type for member in succeeded}),
        interaction_ids=sorted(member.id for member in succeeded)[:_MOST_IDS],
    )
    return Pattern(id=pattern_id(group), vector=best.vector, skill=skill)
