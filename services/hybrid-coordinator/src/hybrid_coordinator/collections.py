"""Makes the collections, and refuses those that another model or dimension has filled."""

import asyncio
from collections.abc import Container

import httpx
import structlog
from garrison_kit.embedding import Expected
from garrison_kit.health import NotReadyError
from garrison_kit.problems import HttpProblemError
from qdrant_client import AsyncQdrantClient, models
from qdrant_client.http.exceptions import ApiException

from hybrid_coordinator.knowledge import Collection
from hybrid_coordinator.store import UnusableAnswerError, answer_of

MODEL = "model"
_INDEXES: dict[str, models.PayloadSchemaType] = {
    "group": models.PayloadSchemaType.KEYWORD,
    "is_high_value": models.PayloadSchemaType.BOOL,
    "is_grouped": models.PayloadSchemaType.BOOL,
    "is_pending": models.PayloadSchemaType.BOOL,
}
_PAUSE = 1.0
_LONGEST_PAUSE = 10.0
_FAILURES = (ApiException, httpx.HTTPError, OSError, TimeoutError)
_log = structlog.get_logger("hybrid_coordinator.collections")


class Collections:
    """Readies the collections in the background, again whenever one is missing."""

    def __init__(self, client: AsyncQdrantClient, expected: Expected) -> None:
        self._client, self._expected = client, expected
        self._waits_for = "qdrant has not been asked yet"
        self._is_ready = False
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start trying."""
        self._wanted.set()
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Stop trying."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def require(self) -> None:
        """Raise HttpProblemError 503 while the collections aren't there, or aren't ours."""
        if not self._is_ready:
            raise HttpProblemError(503, f"Not ready: {self._waits_for}.", headers={"Retry-After": "5"})

    async def check(self) -> None:
        """For readiness: asks Qdrant. Raises NotReadyError, or what its client raises when it gives no answer."""
        answer = await answer_of(self._client.get_collections())
        missing = {one.value for one in Collection} - {one.name for one in answer.collections}
        if missing and self._is_ready:
            self._is_ready = False
            self._waits_for = f"the collection {min(missing)} is gone from qdrant and is made again"
            self._wanted.set()
        if not self._is_ready:
            raise NotReadyError(self._waits_for)

    async def _keep(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            pause = _PAUSE
            while not await self._try():
                await asyncio.sleep(pause)
                pause = min(_LONGEST_PAUSE, pause * 1.5)

    async def _try(self) -> bool:
        try:
            for collection in Collection:
                await self._ensure(collection.value)
        except NotReadyError as error:
            self._waits_for = str(error)
        except _FAILURES as error:
            self._waits_for = "the collections in qdrant cannot be made ready yet"
            _log.warning("collections_wait", reason=f"{type(error).__name__}: {error}"[:500])
        else:
            self._is_ready = True
            _log.info("collections_ready")
            return True
        return False

    async def _ensure(self, name: str) -> None:
        try:
            found = await answer_of(self._client.get_collection(name))
        except UnusableAnswerError:
            if await answer_of(self._client.collection_exists(name)):
                raise
            await self._create(name)
            return
        self._compare(name, found.config)
        await self._index(name, found.payload_schema or {})

    async def _create(self, name: str) -> None:
        size = self._expected.dimension
        await answer_of(
            self._client.create_collection(
                name,
                vectors_config=models.VectorParams(size=size, distance=models.Distance.COSINE),
                metadata={MODEL: self._expected.model},
            )
        )
        await self._index(name, {})
        _log.info("collection_created", collection=name, dimension=size)

    async def _index(self, name: str, known: Container[str]) -> None:
        """The indexes that are missing: a making that was cut off leaves a collection without them."""
        if name == Collection.INTERACTIONS:
            for field, kind in _INDEXES.items():
                if field not in known:
                    await answer_of(self._client.create_payload_index(name, field, kind, wait=True))

    def _compare(self, name: str, config: models.CollectionConfig) -> None:
        vectors = config.params.vectors
        dimension = vectors.size if isinstance(vectors, models.VectorParams) else None
        model = (config.metadata or {}).get(MODEL)
        wanted = self._expected
        if dimension != wanted.dimension:
            kind = f"vectors of {dimension} numbers" if dimension else "named vectors"
            raise NotReadyError(
                f"the collection {name} holds {kind}, {wanted.model} makes vectors of {wanted.dimension}"
            )
        if model != wanted.model:
            made = (
                f"was filled with the model {str(model)[:64]}"
                if model
                else "doesn't say which model filled it"
            )
            raise NotReadyError(f"the collection {name} {made}, {wanted.model} is expected")
        if isinstance(vectors, models.VectorParams) and vectors.distance != models.Distance.COSINE:
            raise NotReadyError(
                f"the collection {name} compares by {vectors.distance.value}, Cosine is expected"
            )
