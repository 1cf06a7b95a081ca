"""How a submitted skill becomes a row."""

from typing import Any

from garrison_kit.problems import HttpProblemError
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from aidb.fields import SkillContent
from aidb.skills.models import SkillSubmitted
from aidb.tables import skills

SUMMARY = [column for column in skills.c if column.name not in ("id", "content", "words")]
# What an admin has judged; who looks after it may change without a new look.
_JUDGED = ("name", "description", "content", "tags", "source")
_CONTENT = TypeAdapter(SkillContent)


def check_content(text: str) -> str:
    """A fetched text as the content of a skill. Raises HttpProblemError (422) when it cannot be one."""
    try:
        return _CONTENT.validate_python(text)
    except ValidationError as error:
        raise HttpProblemError(422, f"What the URL holds: {error.errors()[0]['msg']}.") from error


async def store(
    connection: AsyncConnection, slug: str, values: dict[str, Any], client: str
) -> SkillSubmitted:
    """Insert a skill or change the one that is there; whatever an admin judges makes it pending again."""
    added = (
        insert(skills)
        .values(slug=slug, submitted_by=client, **values)
        .on_conflict_do_nothing()
        .returning(*SUMMARY, skills.c.content)
    )
    row = (await connection.execute(added)).mappings().one_or_none()
    if row is not None:
        return SkillSubmitted(**row, outcome="created")
    locked = select(*SUMMARY, skills.c.content).where(skills.c.slug == slug).with_for_update()
    known = (await connection.execute(locked)).mappings().one_or_none()
    if known is None:
        raise HttpProblemError(409, f"The skill {slug} was deleted at this moment; send it again.")
    if all(known[name] == value for name, value in values.items()):
        return SkillSubmitted(**known, outcome="unchanged")
    change: dict[str, Any] = {**values, "updated_at": func.clock_timestamp()}
    if any(known[name] != values[name] for name in _JUDGED):
        change |= {
            "version": skills.c.version + 1,
            "status": "pending",
            "submitted_by": client,
            "reviewed_by": None,
            "reviewed_at": None,
            "note": None,
        }
    changed = skills.update().where(skills.c.slug == slug).values(**change)
    row = (await connection.execute(changed.returning(*SUMMARY, skills.c.content))).mappings().one()
    return SkillSubmitted(**row, outcome="updated")
