"""The journal of a live host: what a service wrote after a moment, and what of it is no line of JSON."""

import json
import shlex
import time
from collections.abc import Iterable
from dataclasses import dataclass

from garrison.catalog.catalog import PREFIX
from garrison.plan.step import LIB
from tests.compliance.live import LiveHost

PRINTED = [
    *("journalctl", "--quiet", "--all", "--output=json"),
    "--output-fields=MESSAGE,PRIORITY,CONTAINER_PARTIAL_MESSAGE",
]
STDERR = "3"  # the priority that Podman gives what a container writes there
PATIENCE = 20.0


@dataclass(frozen=True)
class Entry:
    """One entry of a container; ``text`` is None where it is no UTF-8."""

    text: str | None
    is_error: bool
    is_piece: bool

    def has(self, word: str) -> bool:
        return word in (self.text or "")


def read_entries(printed: str) -> list[Entry]:
    """The entries that journalctl printed as JSON with --all."""
    return [_read(json.loads(line)) for line in printed.splitlines()]


def _read(entry: dict[str, object]) -> Entry:
    text = entry.get("MESSAGE")
    return Entry(
        text=text if isinstance(text, str) else None,
        is_error=entry.get("PRIORITY") == STDERR,
        is_piece="CONTAINER_PARTIAL_MESSAGE" in entry,
    )


def find_faults(entries: Iterable[Entry]) -> list[str]:
    """What of the entries isn't one JSON object in UTF-8, and why."""
    return [f"{fault}: {one.text!r:.300}" for one in entries if (fault := _fault(one))]


def _fault(entry: Entry) -> str | None:
    if entry.text is None:
        return "no UTF-8"
    if entry.is_piece:
        return "a piece of a longer line"
    try:
        document = json.loads(entry.text)
    except ValueError:
        return "no JSON"
    return None if isinstance(document, dict) else "no object"


@dataclass(frozen=True)
class Journal:
    """The host's own, asked by journalctl."""

    live: LiveHost

    def now(self) -> str:
        """A place behind everything that is there."""
        last = self.live.sh("journalctl --quiet --lines=1 --output=json --output-fields=MESSAGE")
        return str(json.loads(last)["__CURSOR"])

    def after(self, place: str, service: str) -> list[Entry]:
        """What a service has written behind a place."""
        words = [*PRINTED, f"--after-cursor={place}", f"CONTAINER_NAME={PREFIX}-{service}"]
        # journalctl ends with 1 where there is nothing.
        return read_entries(self.live.sh(f"{shlex.join(words)} || [ $? -eq 1 ]"))

    def newest(self, service: str, lines: int) -> list[Entry]:
        """The last that the container of a service which runs now has written.

        Not by podman logs: it ends early now and then, with a line of its own (containers/podman issue 20569).
        """
        inspect = f"{LIB}/as-stack podman container inspect --format {{{{.Id}}}} {PREFIX}-{service}"
        words = shlex.join([*PRINTED, f"--lines={lines}"])
        return read_entries(self.live.sh(f'id=$({inspect}) && {words} "CONTAINER_ID_FULL=$id"'))

    def wait_for(self, place: str, service: str, word: str) -> list[Entry]:
        """The same, once it has this word: a service writes the line of a request a moment after its answer."""
        end = time.monotonic() + PATIENCE
        while True:
            found = self.after(place, service)
            if any(one.has(word) for one in found):
                return found
            assert time.monotonic() < end, f"{service} never wrote {word}"
            time.sleep(0.5)
