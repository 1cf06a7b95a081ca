"""Asks the embeddings service for vectors, and makes sure that they are of the agreed model."""

import asyncio
from typing import Any

import httpx
from garrison_kit import embedding
from garrison_kit.dependency import DependencyError
from garrison_kit.embedding import Expected
from garrison_kit.health import NotReadyError
from garrison_kit.outbound import SAFE_TO_REPEAT
from garrison_kit.problems import HttpProblemError
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from aidb.vectors import require_agreement

_AT_ONCE = 2
_ASK_SECONDS = 1.5
_VECTORS = TypeAdapter(list[list[float]])


class EmbeddingsUnavailableError(HttpProblemError):
    """The embeddings service answered, but nothing of use; the client may try again."""

    def __init__(self, reason: str) -> None:
        super().__init__(503, f"The embeddings service {reason}.", headers={"Retry-After": "5"})


class _Info(BaseModel):
    model: str
    dimension: int = Field(alias="dimensions")


class Embedder:
    """One client for the embeddings service; big requests go in batches, two at a time."""

    def __init__(self, client: httpx.AsyncClient, expected: Expected, batch: int) -> None:
        self.expected = expected
        self.column: int | None = None
        """How many numbers the database's vectors have; None until it was asked."""
        self._client = client
        self._batch = batch
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._found: _Info | None = None

    async def check(self) -> None:
        """For readiness. Raises NotReadyError when embeddings is away, or model and dimension aren't agreed on."""
        try:
            # /info answers before the model is loaded; only readiness knows.
            await self._request("GET", "/health/ready", timeout=_ASK_SECONDS)
            self._found = await self._ask_info()
        except HttpProblemError as error:
            self._found = None
            raise NotReadyError(error.detail) from error
        self._require_agreement(self._found)

    async def require_agreed_model(self) -> None:
        """Raise HttpProblemError (503) unless embeddings, database and catalog agree on model and dimension."""
        self._found = self._found or await self._ask_info()
        try:
            self._require_agreement(self._found)
        except NotReadyError as error:
            raise HttpProblemError(
                503, f"Vectors cannot be used: {error}.", headers={"Retry-After": "30"}
            ) from error

    async def require_served_model(self) -> None:
        """Raise HttpProblemError (503) unless embeddings serves what the catalog names, whatever is stored."""
        try:
            embedding.check((await self._ask_info()).model_dump(), self.expected)
        except NotReadyError as error:
            raise HttpProblemError(
                503, f"Nothing can be embedded anew: {error}.", headers={"Retry-After": "30"}
            ) from error

    async def embed(self, texts: list[str]) -> list[list[float]]:
        """One vector a text, in order.

        Raises EmbeddingsUnavailableError, DependencyError, or HttpProblemError where the model isn't the agreed one.
        """
        await self.require_agreed_model()
        # Texts of like length share a batch: a batch costs as many tokens as its longest text, for each.
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        batches = [order[start : start + self._batch] for start in range(0, len(order), self._batch)]
        vectors: list[list[float]] = [[]] * len(texts)
        # Only so many of one call queue up for the slots, or a search would wait until a whole import is embedded.
        own = asyncio.Semaphore(_AT_ONCE)

        async def embed_batch(numbers: list[int]) -> None:
            async with own, self._slots:
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

    def _require_agreement(self, found: _Info) -> None:
        column = self.expected.dimension if self.column is None else self.column
        require_agreement(self.expected, column, found.model, found.dimension)

    async def _ask_info(self) -> _Info:
        answer = await self._request("GET", "/info", timeout=_ASK_SECONDS)
        try:
            return _Info.model_validate_json(answer.content)
        except ValidationError as error:
            raise EmbeddingsUnavailableError("describes itself in words unknown here") from error

    async def _embed_batch(self, texts: list[str]) -> list[list[float]]:
        # Embedding changes nothing, so a call that was lost may be made again.
        answer = await self._request("POST", "/embed", json={"inputs": texts}, extensions=SAFE_TO_REPEAT)
        try:
            vectors = _VECTORS.validate_json(answer.content)
        except ValidationError as error:
            raise EmbeddingsUnavailableError("answered something that is no list of vectors") from error
        dimension = self.expected.dimension
        if len(vectors) != len(texts) or any(len(vector) != dimension for vector in vectors):
            self._found = None
            raise EmbeddingsUnavailableError(f"gave other than {len(texts)} vectors of {dimension} numbers")
        return vectors

    async def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            answer = await self._client.request(method, path, **options)
        except DependencyError:
            self._found = None  # whoever comes back may be another
            raise
        if answer.status_code != 200:
            raise EmbeddingsUnavailableError(f"answered {answer.status_code}")
        return answer
