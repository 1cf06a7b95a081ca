"""Texts of concurrent requests share batches; one thread runs the model, requests wait with a deadline."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import structlog
from numpy.typing import NDArray

from embeddings.model import DIMENSIONS, Tokens

Vectors = NDArray[np.float32]
Embed = Callable[[Sequence[Tokens]], Vectors]
_log = structlog.get_logger("embeddings.batcher")


class QueueFullError(Exception):
    """There is no room for the request's texts now."""


class DeadlineError(Exception):
    """The request's vectors were not there in time."""


class Observer(Protocol):
    """Told about each batch and about the queue."""

    def batch_ran(self, texts: int, tokens: int, waited: float) -> None:
        """A batch of ``texts`` ran; its oldest text had waited so many seconds."""

    def queue_is(self, texts: int) -> None:
        """So many texts wait."""


class _Job:
    """One request: it is done when each of its texts has its vector."""

    def __init__(self, count: int) -> None:
        self.vectors = np.empty((count, DIMENSIONS), dtype=np.float32)
        self.missing = count
        self.arrived = time.monotonic()
        self.done = threading.Event()
        self.error: Exception | None = None


_Item = tuple[_Job, int, Tokens]


class Batcher:
    """A bounded queue of texts and the thread that empties it."""

    def __init__(self, embed: Embed, *, batch_texts: int, queue_texts: int, observer: Observer) -> None:
        self._embed, self._observer = embed, observer
        self._batch_texts, self._queue_texts = batch_texts, queue_texts
        self._waiting: deque[_Item] = deque()
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name="batcher", daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether the thread still takes texts."""
        return self._thread.is_alive()

    def embed(self, texts: Sequence[Tokens], deadline: float) -> Vectors:
        """The vectors of ``texts``, within ``deadline`` seconds.

        Raises QueueFullError at once, DeadlineError in the end (the texts then leave the queue), or the
        model's own error.
        """
        job = _Job(len(texts))
        with self._changed:
            if self._stopped or len(self._waiting) + len(texts) > self._queue_texts:
                raise QueueFullError
            self._waiting.extend((job, row, tokens) for row, tokens in enumerate(texts))
            self._observer.queue_is(len(self._waiting))
            self._changed.notify()
        if not job.done.wait(deadline):
            self._forget(job)
            raise DeadlineError
        if job.error is not None:
            raise job.error
        return job.vectors

    def stop(self) -> None:
        """Take nothing more, finish what waits, end the thread."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join()

    def _forget(self, job: _Job) -> None:
        with self._changed:
            self._waiting = deque(item for item in self._waiting if item[0] is not job)
            self._observer.queue_is(len(self._waiting))

    def _work(self) -> None:
        while batch := self._next_batch():
            try:
                vectors = self._embed([tokens for _, _, tokens in batch])
            except Exception as error:  # noqa: BLE001 - whatever the model raises belongs to these requests only
                _fail(batch, error)
                continue
            for (job, row, _), vector in zip(batch, vectors, strict=True):
                job.vectors[row] = vector
                job.missing -= 1
                if job.missing == 0:
                    job.done.set()

    def _next_batch(self) -> list[_Item]:
        """The oldest text and those nearest to it in length: little padding, and nobody starves."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._stopped)
            if not self._waiting:
                return []
            if len(self._waiting) <= self._batch_texts:
                batch = list(self._waiting)
                self._waiting.clear()
            else:
                batch = self._take_nearest()
            self._observer.queue_is(len(self._waiting))
        waited = time.monotonic() - batch[0][0].arrived
        self._observer.batch_ran(len(batch), sum(len(tokens.ids) for _, _, tokens in batch), waited)
        return batch

    def _take_nearest(self) -> list[_Item]:
        wanted = len(self._waiting[0][2].ids)
        order = sorted(
            range(len(self._waiting)), key=lambda place: abs(len(self._waiting[place][2].ids) - wanted)
        )
        chosen = set(order[: self._batch_texts])
        items = list(enumerate(self._waiting))
        self._waiting = deque(item for place, item in items if place not in chosen)
        return [item for place, item in items if place in chosen]


def _fail(batch: list[_Item], error: Exception) -> None:
    _log.error("batch_failed", texts=len(batch), error=type(error).__name__)
    for job, _, _ in batch:
        job.error = error
        job.done.set()
