"""Finds patterns in interactions: reads their stream from a kept offset, and may be cut off anywhere."""

import asyncio
from dataclasses import dataclass, field
from typing import cast

from hybrid_coordinator import stats
from hybrid_coordinator.filters import Filter
from hybrid_coordinator.interactions import STREAM
from hybrid_coordinator.knowledge import Collection, Interaction, Skill
from hybrid_coordinator.locks import Locks
from hybrid_coordinator.patterns import Member, Pattern, find_pattern, pattern_id
from hybrid_coordinator.redis_link import Link, key
from hybrid_coordinator.store import Point, Store
from hybrid_coordinator.summaries import Summaries

OFFSET = key("patterns", "offset")
_BEGINNING = "0-0"
_MOST_MEMBERS = 1000
_PAGE = 200


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much one run does, when two questions are the same, and how often one must have worked."""

    batch: int
    batches: int
    similarity: float
    support: int


@dataclass(frozen=True, kw_only=True)
class Extracted:
    """What one run did; ``is_done`` says that nothing was left in the stream."""

    read: int
    groups: int
    written: int
    removed: int
    offset: str
    is_done: bool


@dataclass(kw_only=True)
class _Done:
    read: int = 0
    written: int = 0
    removed: int = 0
    groups: set[str] = field(default_factory=set)


class Extraction:
    """Everything it writes has an id that follows from what it read, and the offset moves last.

    So a run that is cut off is done again in full, and adds nothing twice.
    """

    def __init__(self, store: Store, link: Link, locks: Locks, summaries: Summaries, limits: Limits) -> None:
        self._store, self._link, self._locks = store, link, locks
        self._summaries, self._limits = summaries, limits
        self._running = asyncio.Lock()

    async def run(self) -> Extracted:
        """Read what is new, within the limits. Raises DependencyError; what was done until then stays done."""
        async with self._running:
            return await self._run()

    async def _run(self) -> Extracted:
        offset = await self._link.do("GET", OFFSET) or _BEGINNING
        done, is_done = _Done(), False
        for _ in range(self._limits.batches):
            arguments = (f"({offset}", "+", "COUNT", self._limits.batch)
            entries = await self._link.do("XRANGE", STREAM, *arguments)
            forgotten = {fields["group"] for _, fields in entries if "group" in fields}
            await self._process([fields["id"] for _, fields in entries], forgotten, done)
            if entries:
                offset = entries[-1][0]
                await self._commit(offset, len(entries))
            is_done = len(entries) < self._limits.batch
            if is_done:
                is_done = await self._recover(done) < self._limits.batch
                break
        return Extracted(
            read=done.read,
            groups=len(done.groups),
            written=done.written,
            removed=done.removed,
            offset=offset,
            is_done=is_done,
        )

    async def _recover(self, done: _Done) -> int:
        """What says of itself that it was not read, though the stream has nothing more. Returns how many."""
        points, _ = await self._store.scroll(
            Collection.INTERACTIONS, limit=self._limits.batch, where=Filter(equal={"is_pending": True})
        )
        await self._process([point.id for point in points], set(), done)
        return len(points)

    async def _process(self, ids: list[str], forgotten: set[str], done: _Done) -> None:
        groups = await self._group(ids) | forgotten
        for group in sorted(groups):
            changed = await self._refresh(group)
            done.written += changed == "written"
            done.removed += changed == "removed"
        for one in dict.fromkeys(ids):
            # After the patterns: cut off before, it is still pending.
            await self._settle(one)
        done.read += len(ids)
        done.groups |= groups

    async def _settle(self, interaction_id: str) -> None:
        async with self._locks.hold(interaction_id):
            if await self._store.fetch(Collection.INTERACTIONS, [interaction_id]):
                await self._store.change(Collection.INTERACTIONS, interaction_id, {"is_pending": False})

    async def _commit(self, offset: str, read: int) -> None:
        _, minor = offset.split("-")
        following = f"{offset.removesuffix(minor)}{int(minor) + 1}"
        await self._link.do_all(
            [("SET", OFFSET, offset), ("XTRIM", STREAM, "MINID", following), stats.count("extracted", read)],
            atomic=True,
        )

    async def _group(self, ids: list[str]) -> set[str]:
        """Put each interaction into its group, for good. Returns the groups."""
        groups = set()
        for one in dict.fromkeys(ids):
            async with self._locks.hold(one):
                for point in await self._store.fetch(Collection.INTERACTIONS, [one], with_vectors=True):
                    groups.add(await self._group_of(point))
        return groups

    async def _group_of(self, point: Point) -> str:
        interaction = cast(Interaction, point.entry)
        if interaction.group is not None:
            return interaction.group
        nearest = await self._store.search(
            Collection.INTERACTIONS,
            point.vector or [],
            limit=1,
            min_score=self._limits.similarity,
            where=Filter(equal={"is_grouped": True}),
        )
        found = cast(Interaction, nearest[0].entry).group if nearest else None
        group = found or point.id
        await self._store.change(Collection.INTERACTIONS, point.id, {"group": group, "is_grouped": True})
        return group

    async def _refresh(self, group: str) -> str:
        pattern = find_pattern(group, await self._read_members(group), self._limits.support)
        [*stored] = await self._store.fetch(Collection.SKILLS, [pattern_id(group)])
        before = cast(Skill, stored[0].entry) if stored else None
        if pattern is None:
            if before is None:
                return "nothing"
            await self._store.delete(Collection.SKILLS, [pattern_id(group)])
            return "removed"
        skill = await self._summarise(pattern, before)
        if skill == before:
            return "nothing"
        await self._store.put(Collection.SKILLS, [Point(id=pattern.id, entry=skill, vector=pattern.vector)])
        return "written"

    async def _summarise(self, pattern: Pattern, before: Skill | None) -> Skill:
        if before is not None and before.digest == pattern.skill.digest and before.summary:
            summary: str | None = before.summary
        else:
            summary = await self._summaries.phrase(pattern.skill.title, pattern.skill.content)
        return pattern.skill.model_copy(update={"summary": summary})

    async def _read_members(self, group: str) -> list[Member]:
        members: list[Member] = []
        after: str | None = None
        while len(members) < _MOST_MEMBERS:
            points, after = await self._store.scroll(
                Collection.INTERACTIONS,
                limit=_PAGE,
                where=Filter(equal={"group": group}),
                after=after,
                with_vectors=True,
            )
            members.extend(
                Member(id=point.id, vector=point.vector or [], interaction=cast(Interaction, point.entry))
                for point in points
            )
            if after is None:
                break
        return members
