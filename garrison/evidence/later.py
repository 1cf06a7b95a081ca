"""A job that is begun at once in a thread of its own, so that several questions to a host wait together."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Later(Generic[Answer]):
    """What ``job`` returns or raises, when somebody asks for it.

    The thread holds up nobody: who is interrupted ends without waiting for it.
    """

    def __init__(self, job: Callable[[], Answer]) -> None:
        self._job = job
        self._answers: list[Answer] = []
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        try:
            self._answers.append(self._job())
        except Exception as error:  # noqa: BLE001 - raised again by whoever waits for the result
            self._error = error

    def wait(self, seconds: float) -> None:
        """Leave the job alone for so long, or until it has ended."""
        self._thread.join(seconds)

    def is_at_work(self, seconds: float) -> bool:
        """Whether there is nothing to be had yet, after leaving the job alone for so long."""
        self._thread.join(seconds)
        return self._thread.is_alive()

    def result(self) -> Answer:
        """The answer, once it is there. Raises what the job raised."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._answers[0]
