"""Search, embeddings, and how much is stored."""

from fastapi import APIRouter
from garrison_kit.gate import requires

from aidb.answers import Embeddings, SearchPage, Stats
from aidb.requests import Embed, Search
from aidb.routes.dependencies import TheService

router = APIRouter(tags=["search"])


@router.post("/search")
@router.post("/vector/search")
@requires("read")
async def find(request: Search, service: TheService) -> SearchPage:
    """Find chunks or documents by meaning (vector), by words (text) or by both (hybrid)."""
    return await service.finder.search(request)


@router.post("/vector/embed")
@requires("read")
async def embed(request: Embed, service: TheService) -> Embeddings:
    """Embed texts with the model that the stored chunks were embedded with."""
    return await service.finder.embed(request.texts)


@router.get("/stats")
async def stats(service: TheService) -> Stats:
    """How much is stored, and how much of it another model embedded."""
    return await service.library.count()
