"""Search, embeddings, and how much is stored."""

import time
from typing import Annotated

from fastapi import APIRouter, Depends
from garrison_kit.gate import requires

from aidb import catalogue
from aidb.answers import Embeddings, SearchPage, Stats
from aidb.embeddings import EmbeddingsUnavailableError
from aidb.requests import Embed, Search
from aidb.search import search
from aidb.service import Service, get_service

router = APIRouter(tags=["search"])
TheService = Annotated[Service, Depends(get_service)]


@router.post("/search")
@router.post("/vector/search")
@requires("read")
async def find(request: Search, service: TheService) -> SearchPage:
    """Find chunks or documents by meaning (vector), by words (text) or by both (hybrid)."""
    started = time.perf_counter()
    vector = None if request.mode == "text" else await service.embed_query(request.query)
    async with service.clients.engine.connect() as connection:
        found = await search(connection, request, vector, service.settings.exact_limit)
    return SearchPage(
        results=found.hits,
        limit=request.limit,
        offset=request.offset,
        has_more=found.has_more,
        total=found.total,
        mode=request.mode,
        query_time_ms=round((time.perf_counter() - started) * 1000, 2),
    )


@router.post("/vector/embed")
@requires("read")
async def embed(request: Embed, service: TheService) -> Embeddings:
    """Embed texts with the model that the stored chunks were embedded with."""
    vectors = await service.embedder.embed(request.texts)
    model = await service.embedder.model()
    return Embeddings(model=model.name, dimension=model.dimension, embeddings=vectors)


@router.get("/stats")
async def stats(service: TheService) -> Stats:
    """How much is stored; the model is null while the embeddings service doesn't answer."""
    async with service.clients.engine.connect() as connection:
        counts = await catalogue.count_all(connection)
    try:
        model = (await service.embedder.model()).name
    except EmbeddingsUnavailableError:
        model = None
    return Stats(**counts, model=model)
