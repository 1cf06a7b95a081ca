"""What journalctl prints as JSON, one entry a line, as lines of services; and the command that asks it."""

import json
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import UTC, datetime

from garrison.catalog.catalog import PREFIX
from garrison.logs.formats import read_said
from garrison.logs.line import Level, Line, Told
from garrison.plan.step import Command

FIELDS = ("MESSAGE", "PRIORITY", "CONTAINER_NAME")


def ask_journal(
    user: str, services: Iterable[str], *, since: str, until: str | None, pattern: str | None, at_most: int
) -> Command:
    """Prints the last ``at_most`` entries that containers of ``services`` wrote under the account ``user``.

    The account is journald's own knowledge and can't be forged by whoever writes; a container's name could be.
    ``pattern`` (PCRE2) is searched for in the texts on the host, so that only what matches crosses the wire.
    """
    words = ["journalctl", "--quiet", "--no-pager", "--output=json", f"--output-fields={','.join(FIELDS)}"]
    words += [f"--lines={at_most}", f"--since={since}", *([f"--until={until}"] if until else [])]
    words += [f"--grep={pattern}", "--case-sensitive=true"] if pattern else []
    names = [f"CONTAINER_NAME={PREFIX}-{name}" for name in services]
    # A host without the account was not deployed, and nobody said anything there.
    uid = f"uid=$(id -u {shlex.quote(user)} 2>/dev/null) || exit 0"
    # journalctl ends with 1 where nothing matches.
    return Command(line=f'{uid}; {{ {shlex.join([*words, *names])} "_UID=$uid" || [ $? -eq 1 ]; }}')


def read_lines(printed: Iterable[str]) -> Iterator[Line]:
    """The lines in ``printed``, in its order; what is no entry of a container of ours is left out."""
    for text in printed:
        line = read_line(text)
        if line:
            yield line


def read_line(text: str) -> Line | None:
    """One entry; None for what is none, or of another container."""
    try:
        entry = json.loads(text)
    except ValueError:
        return None
    name = entry.get("CONTAINER_NAME") if isinstance(entry, dict) else None
    if not isinstance(name, str) or not name.startswith(f"{PREFIX}-"):
        return None
    said = read_said(_message(entry.get("MESSAGE")))
    arrived = datetime.fromtimestamp(int(entry["__REALTIME_TIMESTAMP"]) / 1e6, UTC)
    told = {one.name: getattr(said, one.name) for one in fields(Told)}
    # nginx tells whole seconds: too coarse to put the lines of one request in order.
    timestamp = said.timestamp if said.timestamp and said.timestamp.microsecond else arrived
    # Podman's journald driver knows no levels, only streams: 3 is stderr, where many programs write everything.
    level = said.level or Level.INFO
    return Line(timestamp=timestamp, service=name.removeprefix(f"{PREFIX}-"), level=level, **told)


def _message(value: object) -> str:
    """A text, or the bytes in which journald gives what is no clean one."""
    if isinstance(value, list):
        return bytes(one for one in value if isinstance(one, int) and 0 <= one < 256).decode(errors="replace")
    return value if isinstance(value, str) else ""
