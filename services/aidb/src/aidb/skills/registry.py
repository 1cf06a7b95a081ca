"""Keeps skills: submitted by writers, approved or rejected by admins, read by everybody once approved."""

import hashlib
from typing import Any, Literal

from garrison_kit.problems import HttpProblemError
from sqlalchemy import ColumnElement, delete, func, select, update

from aidb import callers, words
from aidb.database import Database
from aidb.fields import MAX_SKILL
from aidb.remote.fetch import Fetcher
from aidb.skills import storage
from aidb.skills.models import Review, Shown, Skill, SkillPage, SkillSubmission, SkillSubmitted, SkillSummary
from aidb.skills.storage import SUMMARY
from aidb.tables import skills
from aidb.telemetry.recorder import Recorder


def _not_found(slug: str) -> HttpProblemError:
    return HttpProblemError(404, f"There is no skill {slug}.")


class Skills:
    """What can be done with skills; each method raises DependencyError when the database is lost."""

    def __init__(self, database: Database, fetcher: Fetcher, recorder: Recorder) -> None:
        self._database, self._fetcher, self._recorder = database, fetcher, recorder

    async def submit(self, given: SkillSubmission) -> SkillSubmitted:
        """Store a skill as pending; one that is there and the same keeps its status.

        Raises HttpProblemError where its URL may not or cannot be fetched.
        """
        with self._recorder.watch("skill_submit") as event:
            content, source = given.content, given.source
            if given.url is not None:
                fetched = await self._fetcher.fetch(given.url, MAX_SKILL)
                content, source = storage.check_content(fetched.text), source or fetched.url
            values = {
                "name": given.name,
                "description": given.description,
                "content": content or "",
                "tags": given.tags,
                "source": source,
                "managed_by": given.managed_by,
                "checksum": hashlib.sha256((content or "").encode()).hexdigest(),
                "size_bytes": len((content or "").encode()),
            }
            event.items = 1
            async with self._database.write() as connection:
                return await storage.store(connection, given.slug, values, callers.name())

    async def list(
        self, *, query: str | None, tag: str | None, status: Shown, limit: int, offset: int
    ) -> SkillPage:
        """One page. Raises HttpProblemError (403) where more than the approved ones is asked for by no admin."""
        if status != "approved" and not callers.is_admin():
            raise HttpProblemError(403, "Skills that are not approved are for keys with the scope 'admin'.")
        conditions: list[ColumnElement[bool]] = []
        if status != "all":
            conditions.append(skills.c.status == status)
        if tag is not None:
            conditions.append(skills.c.tags.contains([tag]))
        with self._recorder.watch("skill_list") as event:
            async with self._database.read() as connection:
                rows, total = await words.find(
                    connection, skills, SUMMARY, conditions, skills.c.slug, query, limit, offset
                )
            event.items = len(rows)
        found = [SkillSummary.model_validate(row) for row in rows]
        return SkillPage(
            skills=found, total=total, limit=limit, offset=offset, has_more=offset + len(found) < total
        )

    async def read(self, slug: str) -> Skill:
        """One skill; to all but admins one that isn't approved is not there. Raises HttpProblemError (404)."""
        wanted = select(*SUMMARY, skills.c.content).where(skills.c.slug == slug)
        if not callers.is_admin():
            wanted = wanted.where(skills.c.status == "approved")
        with self._recorder.watch("skill_read") as event:
            async with self._database.read() as connection:
                row = (await connection.execute(wanted)).mappings().one_or_none()
            if row is None:
                raise _not_found(slug)
            event.items = 1
            return Skill.model_validate(dict(row))

    async def review(self, slug: str, verdict: Literal["approved", "rejected"], review: Review) -> Skill:
        """Approve or reject. Raises HttpProblemError: 404, or 409 when it isn't the one that was read."""
        decided: dict[str, Any] = {
            "status": verdict,
            "reviewed_by": callers.name(),
            "reviewed_at": func.clock_timestamp(),
            "note": review.note,
        }
        change = update(skills).where(skills.c.slug == slug)
        if review.checksum is not None:
            change = change.where(skills.c.checksum == review.checksum)
        if review.version is not None:
            change = change.where(skills.c.version == review.version)
        with self._recorder.watch("skill_review") as event:
            async with self._database.write() as connection:
                changed = await connection.execute(
                    change.values(**decided).returning(*SUMMARY, skills.c.content)
                )
                row = changed.mappings().one_or_none()
                if row is None and await connection.scalar(select(skills.c.id).where(skills.c.slug == slug)):
                    raise HttpProblemError(409, f"The skill {slug} has changed since it was read.")
            if row is None:
                raise _not_found(slug)
            event.items = 1
            return Skill.model_validate(dict(row))

    async def delete(self, slug: str) -> None:
        """Delete a skill. Raises HttpProblemError (404)."""
        with self._recorder.watch("skill_delete") as event:
            async with self._database.write() as connection:
                result = await connection.execute(delete(skills).where(skills.c.slug == slug))
            if not result.rowcount:
                raise _not_found(slug)
            event.items = 1
