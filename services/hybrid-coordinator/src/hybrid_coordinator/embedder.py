"""Asks the embeddings service for vectors; there is no vector when it doesn't answer, least of all one of zeros."""

import hashlib
import math
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import httpx
from garrison_kit import embedding
from garrison_kit.dependency import DependencyError
from garrison_kit.embedding import Expected
from garrison_kit.health import NotReadyError
from garrison_kit.outbound import PAST_BREAKER, SAFE_TO_REPEAT, AsyncClient
from pydantic import TypeAdapter, ValidationError

NAME = "embeddings"
_BATCH = 32
_REMEMBERED = 2048
_VECTORS = TypeAdapter(list[list[float]])


class Embedder:
    """Remembers the vectors of the last queries: the same text has the same vector."""

    def __init__(self, client: AsyncClient, expected: Expected) -> None:
        self._client, self._expected = client, expected
        self._known: OrderedDict[bytes, list[float]] = OrderedDict()

    async def check(self) -> None:
        """For readiness. Raises NotReadyError when there is no model, or another than the stack's."""
        try:
            # /info answers before the model is loaded; only readiness knows.
            await self._send("GET", "/health/ready", extensions=PAST_BREAKER)
            info = (await self._send("GET", "/info", extensions=PAST_BREAKER)).json()
        except (DependencyError, ValueError) as error:
            reason = (
                error.detail if isinstance(error, DependencyError) else "embeddings describes itself badly"
            )
            raise NotReadyError(reason) from error
        if not isinstance(info, dict):
            raise NotReadyError("embeddings describes itself badly")
        embedding.check(info, self._expected)

    async def embed_query(self, text: str) -> list[float]:
        """The vector of one text, remembered. Raises DependencyError."""
        key = hashlib.sha256(text.encode()).digest()
        if (known := self._known.get(key)) is not None:
            self._known.move_to_end(key)
            return known
        [vector] = await self.embed([text])
        self._known[key] = vector
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return vector

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector a text, in order. Raises DependencyError."""
        vectors: list[list[float]] = []
        for start in range(0, len(texts), _BATCH):
            batch = list(texts[start : start + _BATCH])
            answer = await self._send("POST", "/embed", json={"inputs": batch}, extensions=SAFE_TO_REPEAT)
            vectors.extend(self._read(answer.content, len(batch)))
        return vectors

    def _read(self, body: bytes, count: int) -> list[list[float]]:
        try:
            vectors = _VECTORS.validate_json(body)
        except ValidationError as error:
            raise DependencyError(NAME, "unavailable") from error
        fits = len(vectors) == count and all(self._is_usable(vector) for vector in vectors)
        if not fits:
            raise DependencyError(NAME, "unavailable")
        return vectors

    def _is_usable(self, vector: list[float]) -> bool:
        return len(vector) == self._expected.dimension and math.isfinite(sum(vector)) and any(vector)

    async def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        answer = await self._client.request(method, path, **options)
        if answer.status_code != 200:
            raise DependencyError(NAME, "unavailable")
        return answer
