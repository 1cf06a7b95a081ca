"""What happened in a run: one event a line for machines, progress for people."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import gevent
from rich.console import Console
from rich.status import Status

HEARTBEAT = 15.0


class EventLog:
    """Appends JSON lines to a file of its own for each run, 0600; never a secret: steps hide their input."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        self.path = folder / f"{stamp}.jsonl"
        self.path.touch(mode=0o600)
        self._file: TextIO = self.path.open("a", encoding="utf-8")

    def write(self, event: str, **fields: Any) -> None:
        """One event with the time of writing."""
        line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **fields}
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()


class Progress:
    """Says on standard error what the run waits for: a live line on a terminal, else a line now and then."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def say(self, text: str, style: str = "") -> None:
        """One line that stays."""
        self.console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)

    @contextmanager
    def waiting(self, text: str | Callable[[], str]) -> Iterator[None]:
        """Shows ``text`` (or what it says by then) and the seconds gone by for as long as the block runs."""
        say = text if callable(text) else lambda: text
        status = self.console.status(say()) if self.console.is_terminal else None
        ticker = gevent.spawn(self._tick, say, status)
        if status:
            status.start()
        try:
            yield
        finally:
            ticker.kill()
            if status:
                status.stop()

    def _tick(self, say: Callable[[], str], status: Status | None) -> None:
        began = time.monotonic()
        while True:
            gevent.sleep(1.0 if status else HEARTBEAT)
            gone = f"{time.monotonic() - began:.0f} s"
            if status:
                status.update(f"{say()} … {gone}")
            else:
                self.say(f"    still at it: {say()} … {gone}")
