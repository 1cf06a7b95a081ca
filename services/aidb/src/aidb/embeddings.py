"""Asks the embeddings service for vectors."""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx
from garrison_kit.health import NotReadyError
from garrison_kit.problems import HttpProblemError
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from tenacity import AsyncRetrying, retry_if_result, stop_after_attempt, wait_random_exponential

from aidb.tables import DIMENSION

_BUSY = frozenset({429, 503})
_AT_ONCE = 2
_VECTORS = TypeAdapter(list[list[float]])


class EmbeddingsUnavailableError(HttpProblemError):
    """The embeddings service gave no usable answer; the client may try again."""

    def __init__(self, reason: str) -> None:
        super().__init__(503, f"The embeddings service {reason}.", headers={"Retry-After": "5"})


class _Info(BaseModel):
    model: str
    dimension: int = Field(alias="dimensions")


@dataclass(frozen=True, kw_only=True)
class Model:
    """Which model embeds, and how long its vectors are."""

    name: str
    dimension: int


class Embedder:
    """One client for the embeddings service; big requests go in batches, two at a time."""

    def __init__(self, client: httpx.AsyncClient, batch: int) -> None:
        self._client = client
        self._batch = batch
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._model: Model | None = None

    async def ask_model(self) -> Model:
        """Ask which model runs. Raises EmbeddingsUnavailableError."""
        answer = await self._send("GET", "/info")
        try:
            info = _Info.model_validate_json(answer.content)
        except ValidationError as error:
            raise EmbeddingsUnavailableError("describes itself in words unknown here") from error
        self._model = Model(name=info.model, dimension=info.dimension)
        return self._model

    async def model(self) -> Model:
        """The model as last asked. Raises EmbeddingsUnavailableError when it was never known."""
        return self._model or await self.ask_model()

    async def check(self) -> None:
        """For readiness: raises NotReadyError when there is no model, or one whose vectors don't fit."""
        try:
            # /info answers before the model is loaded; only readiness knows.
            await self._send("GET", "/health/ready")
            model = await self.ask_model()
        except EmbeddingsUnavailableError as error:
            raise NotReadyError(error.detail) from error
        if model.dimension != DIMENSION:
            raise NotReadyError(
                f"the model {model.name} makes vectors of {model.dimension} numbers, the database holds {DIMENSION}"
            )

    async def embed(self, texts: list[str]) -> list[list[float]]:
        """One vector a text, in order. Raises EmbeddingsUnavailableError."""
        # Texts of like length share a batch: a batch costs as many tokens as its longest text, for each.
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        batches = [order[start : start + self._batch] for start in range(0, len(order), self._batch)]
        vectors: list[list[float]] = [[]] * len(texts)

        async def embed_batch(numbers: list[int]) -> None:
            async with self._slots:
                found = await self._embed_batch([texts[number] for number in numbers])
            for number, vector in zip(numbers, found, strict=True):
                vectors[number] = vector

        try:
            async with asyncio.TaskGroup() as group:
                for numbers in batches:
                    group.create_task(embed_batch(numbers))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed
        return vectors

    async def _embed_batch(self, texts: list[str]) -> list[list[float]]:
        answer = await self._send("POST", "/embed", json={"inputs": texts})
        try:
            vectors = _VECTORS.validate_json(answer.content)
        except ValidationError as error:
            raise EmbeddingsUnavailableError("answered something that is no list of vectors") from error
        if len(vectors) != len(texts) or any(len(vector) != DIMENSION for vector in vectors):
            raise EmbeddingsUnavailableError(f"gave other than {len(texts)} vectors of {DIMENSION} numbers")
        return vectors

    async def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        policy = AsyncRetrying(
            retry=retry_if_result(lambda answer: answer.status_code in _BUSY),
            stop=stop_after_attempt(3 if method == "POST" else 1),
            wait=wait_random_exponential(multiplier=0.2, max=2.0),
            retry_error_callback=lambda state: state.outcome and state.outcome.result(),
        )
        try:
            answer: httpx.Response = await policy(self._client.request, method, path, **options)
        except httpx.TimeoutException as error:
            raise EmbeddingsUnavailableError("did not answer in time") from error
        except httpx.HTTPError as error:
            raise EmbeddingsUnavailableError("cannot be reached") from error
        if answer.status_code != 200:
            raise EmbeddingsUnavailableError(f"answered {answer.status_code}")
        return answer
