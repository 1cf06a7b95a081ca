"""Whether every service on the kit writes its log as documents in JSON, one a line, with what joins them."""

import json
from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ConfigDict

from garrison.catalog.catalog import PREFIX, Catalog
from garrison.plan.wanted import Wanted
from garrison.problem import Problem

ID = "logs"
LINES = 500
# What the kit gives each line, whatever it tells of.
KEYS = ("event", "level", "request_id", "service", "timestamp", "version")


class Counted(BaseModel):
    """What look-logs answers for a container: lines, and those of them that are no such documents."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lines: int
    other: int


Logs = Mapping[str, Counted | None]


def writers(catalog: Catalog) -> tuple[str, ...]:
    """The services that must write so: those that judge keys by the kit."""
    return tuple(name for name, one in catalog.services.items() if one.verifies_keys and one.door is None)


def logs_question(wanted: Wanted) -> str | None:
    """look-logs' argument; None where nobody has to write so."""
    containers = [f"{PREFIX}-{name}" for name in writers(wanted.catalog)]
    return json.dumps({"containers": containers, "lines": LINES, "keys": KEYS}) if containers else None


def find_unreadable(found: Logs, wanted: Wanted) -> list[Problem]:
    """Containers whose log can't be read, or has lines that are no documents."""
    return list(_unreadable(found, wanted))


def _unreadable(found: Logs, wanted: Wanted) -> Iterator[Problem]:
    for name in writers(wanted.catalog):
        where, counted = f"container {PREFIX}-{name}", found.get(f"{PREFIX}-{name}")
        if counted is None:
            yield Problem(where=where, id=f"{ID}.silent", what="its log couldn't be read.",
                          remedy="Look: sudo /usr/local/lib/garrison/as-stack podman ps --all.")  # fmt: skip
        elif counted.other:
            what = f"{counted.other} of its last {counted.lines} lines are no documents in JSON with {', '.join(KEYS)}."
            remedy = f"Look: garrison logs {name} --json; the kit's logger writes such documents."
            yield Problem(where=where, id=f"{ID}.text", what=what, remedy=remedy)
