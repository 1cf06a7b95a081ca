"""Running programs, reading files and doing both at once, without ever failing for what isn't there.

Every module that is imported costs milliseconds on each look at each host: hence no typing, pathlib or futures.
"""

import subprocess
import threading
from collections.abc import Callable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

Record = dict[str, "Any"]


def run(*words: str, timeout: int = 90, ignore_status: bool = False) -> str | None:
    """Standard output, or None when the program is absent, fails or hangs."""
    try:
        # Podman refuses to start where its user may not be: in the home of whoever came by SSH.
        done = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout,
            check=False,
            cwd="/",
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 or ignore_status else None


def read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return None


def number(path: str) -> int | None:
    return as_number(read(path) or "")


def as_number(text: str) -> int | None:
    """A decimal number, or None for anything else."""
    return int(text) if text.strip().lstrip("-").isdecimal() else None


class Later:
    """What a job returns, begun at once in a thread of its own."""

    def __init__(self, job: "Callable[[], Any]") -> None:
        self.job = job
        self.outcome: Any = None
        self.error: Exception | None = None
        self.thread = threading.Thread(target=self._work)
        self.thread.start()

    def _work(self) -> None:
        try:
            self.outcome = self.job()
        except Exception as error:  # noqa: BLE001 - raised again by whoever waits for the result
            self.error = error

    def result(self) -> "Any":
        self.thread.join()
        if self.error is not None:
            raise self.error
        return self.outcome
