"""What journalctl prints as JSON, one entry a line, as lines of services; and the command that asks it."""

import json
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from garrison.catalog.catalog import PREFIX
from garrison.logs.formats import read_said
from garrison.logs.line import Level, Line, Told
from garrison.plan.step import Command

# Podman makes several entries of a line of more than 8 KiB, and marks all but the last.
_MORE_COMES = "CONTAINER_PARTIAL_MESSAGE"
FIELDS = ("MESSAGE", "PRIORITY", "CONTAINER_NAME", _MORE_COMES)


def ask_journal(
    user: str, services: Iterable[str], *, since: str, until: str | None, pattern: str | None, at_most: int
) -> Command:
    """Prints the last ``at_most`` entries that containers of ``services`` wrote under the account ``user``.

    The account is journald's own knowledge and can't be forged by whoever writes; a container's name could be.
    ``pattern`` (PCRE2) is searched for in the texts on the host, so that only what matches crosses the wire.
    """
    # Without --all a text of 4 KiB or more would come as null (journalctl(1), --output=json).
    words = ["journalctl", "--quiet", "--no-pager", "--all", "--output=json"]
    words += [f"--output-fields={','.join(FIELDS)}"]
    words += [f"--lines={at_most}", f"--since={since}", *([f"--until={until}"] if until else [])]
    words += [f"--grep={pattern}", "--case-sensitive=true"] if pattern else []
    names = [f"CONTAINER_NAME={PREFIX}-{name}" for name in services]
    # A host without the account was not deployed, and nobody said anything there.
    uid = f"uid=$(id -u {shlex.quote(user)} 2>/dev/null) || exit 0"
    # journalctl ends with 1 where nothing matches.
    return Command(line=f'{uid}; {{ {shlex.join([*words, *names])} "_UID=$uid" || [ $? -eq 1 ]; }}')


def read_lines(printed: Iterable[str], *, searched: bool = False) -> Iterator[Line]:
    """The lines in ``printed``, in its order; what is no entry of a container of ours is left out.

    A line that came in pieces is put together, and told where its last piece is; one whose last is missing, at the end.
    Where a pattern was ``searched`` for, only those pieces came that have it, and each is told by itself.
    """
    pieces: dict[tuple[str, object], list[dict[str, Any]]] = {}
    for text in printed:
        entry = _entry(text)
        if entry is None:
            continue
        stream = entry["CONTAINER_NAME"], entry.get("PRIORITY")
        found = [*pieces.pop(stream, ()), entry]
        if _MORE_COMES in entry and not searched:
            pieces[stream] = found
        else:
            yield _line(found)
    yield from map(_line, pieces.values())


def read_line(text: str) -> Line | None:
    """One entry; None for what is none, or of another container."""
    return next(read_lines([text]), None)


def _entry(text: str) -> dict[str, Any] | None:
    try:
        entry = json.loads(text)
    except ValueError:
        return None
    name = entry.get("CONTAINER_NAME") if isinstance(entry, dict) else None
    return entry if isinstance(name, str) and name.startswith(f"{PREFIX}-") else None


def _line(entries: Sequence[dict[str, Any]]) -> Line:
    """What the entries say together, at the time of the first."""
    said = read_said(b"".join(_message(one.get("MESSAGE")) for one in entries).decode(errors="replace"))
    arrived = datetime.fromtimestamp(int(entries[0]["__REALTIME_TIMESTAMP"]) / 1e6, UTC)
    told = {one.name: getattr(said, one.name) for one in fields(Told)}
    # nginx's error log tells whole seconds: too coarse to put the lines of one request in order.
    timestamp = said.timestamp if said.timestamp and said.timestamp.microsecond else arrived
    # Podman's journald driver knows no levels, only streams: 3 is stderr, where many programs write everything.
    level = said.level or Level.INFO
    service = entries[0]["CONTAINER_NAME"].removeprefix(f"{PREFIX}-")
    return Line(timestamp=timestamp, service=service, level=level, **told)


def _message(value: object) -> bytes:
    """A text, or the bytes in which journald gives what is no clean one."""
    if isinstance(value, list):
        return bytes(one for one in value if isinstance(one, int) and 0 <= one < 256)
    return value.encode(errors="replace") if isinstance(value, str) else b""
