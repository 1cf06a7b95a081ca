"""Keeps the registered tools."""

from typing import Any, Literal

from garrison_kit.problems import HttpProblemError
from sqlalchemy import ColumnElement, delete, func, select, true, update
from sqlalchemy.dialects.postgresql import insert

from aidb import callers, words
from aidb.database import Database
from aidb.tables import tools
from aidb.telemetry.recorder import Recorder
from aidb.tools.models import Tool, ToolPage, ToolRegistered, ToolRegistration, ToolSummary

Mode = Literal["minimal", "full"]
_SUMMARY = [tools.c.name, tools.c.description, tools.c.service, tools.c.tags, tools.c.enabled]
_FULL = [*_SUMMARY, tools.c.input_schema, tools.c.endpoint, tools.c.registered_by]
_FULL += [tools.c.created_at, tools.c.updated_at]


def _not_found(name: str) -> HttpProblemError:
    return HttpProblemError(404, f"There is no tool {name}.")


class Tools:
    """What can be done with tools; each method raises DependencyError when the database is lost."""

    def __init__(self, database: Database, recorder: Recorder) -> None:
        self._database, self._recorder = database, recorder

    async def register(self, given: ToolRegistration) -> ToolRegistered:
        """Store a tool, not enabled; one that is there and the same stays as it is."""
        values = given.model_dump(exclude={"name"})
        client = callers.name()
        added = insert(tools).values(name=given.name, registered_by=client, **values)
        with self._recorder.watch("tool_register") as event:
            event.items = 1
            async with self._database.write() as connection:
                row = (
                    (await connection.execute(added.on_conflict_do_nothing().returning(*_FULL)))
                    .mappings()
                    .one_or_none()
                )
                if row is not None:
                    return ToolRegistered(**row, outcome="created")
                locked = select(*_FULL).where(tools.c.name == given.name).with_for_update()
                known = (await connection.execute(locked)).mappings().one_or_none()
                if known is None:
                    raise HttpProblemError(
                        409, f"The tool {given.name} was removed at this moment; send it again."
                    )
                if all(known[name] == value for name, value in values.items()):
                    return ToolRegistered(**known, outcome="unchanged")
                change = update(tools).where(tools.c.name == given.name)
                changed = change.values(
                    **values, enabled=False, registered_by=client, updated_at=func.clock_timestamp()
                )
                row = (await connection.execute(changed.returning(*_FULL))).mappings().one()
                return ToolRegistered(**row, outcome="updated")

    async def list(
        self,
        *,
        mode: Mode,
        query: str | None,
        tag: str | None,
        include_disabled: bool,
        limit: int,
        offset: int,
    ) -> ToolPage:
        """One page of the enabled tools. Raises HttpProblemError (403) when one asks for the others and is no admin."""
        if include_disabled and not callers.is_admin():
            raise HttpProblemError(403, "Tools that are not enabled are for keys with the scope 'admin'.")
        conditions: list[ColumnElement[bool]] = [] if include_disabled else [tools.c.enabled]
        if tag is not None:
            conditions.append(tools.c.tags.contains([tag]))
        columns: list[Any] = _FULL if mode == "full" else _SUMMARY
        with self._recorder.watch("tool_list", mode) as event:
            async with self._database.read() as connection:
                rows, total = await words.find(
                    connection, tools, columns, conditions, tools.c.name, query, limit, offset
                )
            event.items = len(rows)
        model = Tool if mode == "full" else ToolSummary
        return ToolPage(
            tools=[model.model_validate(row) for row in rows],
            mode=mode,
            total=total,
            limit=limit,
            offset=offset,
            has_more=offset + len(rows) < total,
            count=len(rows),
        )

    async def read(self, name: str) -> Tool:
        """One tool; to all but admins one that isn't enabled is not there. Raises HttpProblemError (404)."""
        is_shown = true() if callers.is_admin() else tools.c.enabled
        with self._recorder.watch("tool_read") as event:
            async with self._database.read() as connection:
                wanted = select(*_FULL).where(tools.c.name == name, is_shown)
                row = (await connection.execute(wanted)).mappings().one_or_none()
            if row is None:
                raise _not_found(name)
            event.items = 1
            return Tool.model_validate(dict(row))

    async def switch(self, name: str, *, enabled: bool) -> Tool:
        """Enable or disable. Raises HttpProblemError (404)."""
        change = update(tools).where(tools.c.name == name)
        changed = change.values(enabled=enabled, updated_at=func.clock_timestamp()).returning(*_FULL)
        with self._recorder.watch("tool_change") as event:
            async with self._database.write() as connection:
                row = (await connection.execute(changed)).mappings().one_or_none()
            if row is None:
                raise _not_found(name)
            event.items = 1
            return Tool.model_validate(dict(row))

    async def delete(self, name: str) -> None:
        """Remove a tool. Raises HttpProblemError (404)."""
        with self._recorder.watch("tool_change") as event:
            async with self._database.write() as connection:
                result = await connection.execute(delete(tools).where(tools.c.name == name))
            if not result.rowcount:
                raise _not_found(name)
            event.items = 1
