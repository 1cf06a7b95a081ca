"""Loads the model in the background, says honestly whether it can be used, and embeds."""

import time
from collections.abc import Sequence

import structlog
from garrison_kit.health import NotReadyError
from garrison_kit.problems import HttpProblemError
from garrison_kit.threads import make_thread

from embeddings.batcher import Batcher, DeadlineError, QueueFullError, Vectors
from embeddings.metrics import EngineMetrics
from embeddings.model import Model, Tokens
from embeddings.settings import Settings

_log = structlog.get_logger("embeddings.engine")


class Engine:
    """The model and its queue, from "loading" to "ready" or "failed"."""

    def __init__(self, settings: Settings, metrics: EngineMetrics) -> None:
        self._settings, self._metrics = settings, metrics
        self._model: Model | None = None
        self._batcher: Batcher | None = None
        self._state = "loading"

    def load_in_background(self) -> None:
        """Start loading; ``check`` tells when it is done."""
        make_thread(self.load, name="loader").start()

    def load(self) -> None:
        """Load the model and have it prove itself; a failure is logged and stays visible in readiness."""
        started = time.monotonic()
        try:
            model = Model(self._settings.model_dir, self._settings.model_threads)
            model.self_check()
        except Exception:  # noqa: BLE001 - any reason not to have a model means "not ready"
            self._state = "failed to load, see the log"
            _log.exception("model_failed")
            return
        self._batcher = Batcher(
            model.embed,
            batch_texts=self._settings.batch_texts,
            queue_texts=self._settings.queue_texts,
            observer=self._metrics,
        )
        self._model, self._state = model, "ready"
        seconds = time.monotonic() - started
        self._metrics.load_seconds.set(seconds)
        _log.info("model_ready", seconds=round(seconds, 2))

    def check(self) -> None:
        """Raise NotReadyError unless the model is loaded, proved itself, and its thread lives."""
        if self._batcher is None:
            raise NotReadyError(self._state)
        if not self._batcher.is_alive:
            raise NotReadyError("the batching thread has ended")

    def require(self) -> tuple[Model, Batcher]:
        """The model and its queue. Raises HttpProblemError (503) while the model is not there."""
        if self._model is None or self._batcher is None:
            raise HttpProblemError(503, f"The model is {self._state}.", headers={"Retry-After": "2"})
        return self._model, self._batcher

    def tokenize(self, texts: Sequence[str]) -> list[Tokens]:
        """Token ids of each text. Raises HttpProblemError (503) while the model is not there."""
        return self.require()[0].tokenize(texts)

    def embed(self, tokens: Sequence[Tokens]) -> Vectors:
        """The vectors. Raises HttpProblemError: 503 when the queue is full, 504 when the deadline passes."""
        _, batcher = self.require()
        try:
            return batcher.embed(tokens, self._settings.deadline_seconds)
        except QueueFullError:
            self._metrics.refused.inc()
            raise HttpProblemError(
                503, "Too many texts are waiting. Try again shortly.", headers={"Retry-After": "1"}
            ) from None
        except DeadlineError:
            self._metrics.timed_out.inc()
            seconds = self._settings.deadline_seconds
            raise HttpProblemError(504, f"The vectors were not ready within {seconds:g} s.") from None

    def stop(self) -> None:
        """Finish what waits, take nothing more, and free the model."""
        if self._batcher is not None:
            self._batcher.stop()
        # ONNX Runtime's threads must end before the interpreter does, or the process aborts.
        self._batcher, self._model, self._state = None, None, "stopped"
