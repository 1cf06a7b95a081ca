"""Answers searches and embeds texts, as clients ask for them over REST and MCP."""

import time

from garrison_kit.problems import HttpProblemError

from aidb.answers import Embeddings, SearchPage
from aidb.cache import QueryCache
from aidb.database import Database
from aidb.embeddings import Embedder
from aidb.requests import Search
from aidb.search import Searcher
from aidb.telemetry.recorder import Event, Recorder


class Finder:
    """Gets the query's vector (given, kept or made), asks the database, and records how long it took."""

    def __init__(
        self, database: Database, embedder: Embedder, cache: QueryCache, recorder: Recorder, exact_limit: int
    ) -> None:
        self._database, self._embedder, self._cache, self._recorder = database, embedder, cache, recorder
        self._searcher = Searcher(exact_limit)

    async def search(self, request: Search) -> SearchPage:
        """One page of hits. Raises HttpProblemError where a dependency is away or the vector doesn't fit."""
        started = time.perf_counter()
        with self._recorder.watch("search", request.mode) as event:
            vector = None if request.mode == "text" else await self._find_vector(request, event)
            async with self._database.read() as connection:
                found = await self._searcher.search(connection, request, vector)
            event.items = len(found.hits)
        return SearchPage(
            results=found.hits,
            limit=request.limit,
            offset=request.offset,
            has_more=found.has_more,
            total=found.total,
            mode=request.mode,
            query_time_ms=round((time.perf_counter() - started) * 1000, 2),
        )

    async def embed(self, texts: list[str]) -> Embeddings:
        """One vector a text. Raises HttpProblemError where embeddings is away."""
        with self._recorder.watch("embed") as event:
            vectors = await self._embedder.embed(texts)
            event.items = len(vectors)
        expected = self._embedder.expected
        return Embeddings(model=expected.model, dimension=expected.dimension, embeddings=vectors)

    async def _find_vector(self, request: Search, event: Event) -> list[float]:
        dimension = self._embedder.expected.dimension
        if self._embedder.column not in (None, dimension):
            await self._embedder.require_agreed_model()
        if request.embedding is not None:
            if len(request.embedding) != dimension:
                raise HttpProblemError(
                    422,
                    f"embedding has {len(request.embedding)} numbers, the stored vectors have {dimension}.",
                )
            return request.embedding
        text = request.query or ""
        vector = await self._cache.get(text)
        event.cached = vector is not None
        return await self._make_vector(text, event) if vector is None else vector

    async def _make_vector(self, text: str, event: Event) -> list[float]:
        try:
            [vector] = await self._embedder.embed([text])
        except HttpProblemError:
            kept = await self._cache.get_patiently(text)
            event.cached = kept is not None
            if kept is None:
                raise
            return kept
        await self._cache.put(text, vector)
        return vector
