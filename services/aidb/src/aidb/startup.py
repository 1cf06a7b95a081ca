"""Makes the database ready in the background; until then the service lives, but is not ready."""

import asyncio
from collections.abc import Callable

import structlog
from garrison_kit.health import NotReadyError
from garrison_kit.problems import HttpProblemError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_delay,
    wait_exponential_jitter,
)

from aidb.embeddings import Embedder
from aidb.schema import SchemaError, migrate

_log = structlog.get_logger("aidb.startup")


class Startup:
    """Tries to migrate until it works or the patience ends; then ``give_up`` is called."""

    def __init__(
        self, engine: AsyncEngine, embedder: Embedder, patience: float, give_up: Callable[[], None]
    ) -> None:
        self._engine = engine
        self._embedder = embedder
        self._patience = patience
        self._give_up = give_up
        self._task: asyncio.Task[None] | None = None
        self._waits_for = "the database has not been asked yet"
        self.is_done = False
        self.has_failed = False

    def begin(self) -> None:
        """Start trying."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop trying."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def require(self) -> None:
        """Raise HttpProblemError 503 while the schema isn't there."""
        if not self.is_done:
            raise HttpProblemError(503, f"Not ready yet: {self._waits_for}.", headers={"Retry-After": "5"})

    def check(self) -> None:
        """For readiness. Raises NotReadyError while the schema isn't there."""
        if not self.is_done:
            raise NotReadyError(self._waits_for)

    async def _run(self) -> None:
        policy = AsyncRetrying(
            retry=retry_if_exception_type((SQLAlchemyError, OSError, SchemaError)),
            stop=stop_after_delay(self._patience),
            wait=wait_exponential_jitter(initial=0.25, max=10.0),
            before_sleep=self._note,
            reraise=True,
        )
        try:
            self._embedder.column = await policy(migrate, self._engine, self._embedder.expected.dimension)
        except Exception:  # noqa: BLE001 - whatever it is, the process must end with a log line and not hang
            _log.exception("startup_failed", patience_seconds=self._patience)
            self.has_failed = True
            self._give_up()
            return
        self.is_done = True
        _log.info("schema_ready")

    def _note(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, SchemaError):
            self._waits_for = str(error)
        else:
            self._waits_for = "the database cannot be migrated yet"
        _log.warning("startup_waits", attempt=state.attempt_number, reason=f"{type(error).__name__}: {error}")
