"""The packs: what is searched, and fetching it anew."""

from typing import Annotated

from fastapi import APIRouter, Depends
from garrison_kit.gate import requires

from nixos_docs.answers import Sources, SyncResults
from nixos_docs.requests import Sync
from nixos_docs.service import Service, get_service

router = APIRouter(tags=["packs"])
TheService = Annotated[Service, Depends(get_service)]


@router.get("/sources")
async def list_sources(service: TheService) -> Sources:
    """List the packs: state, version, entries, last sync, last error."""
    return service.list_sources()


@router.post("/sync")
@requires("admin")
async def sync(service: TheService, request: Sync | None = None) -> SyncResults:
    """Fetch packs anew, all or the named ones; a pack that upstream doesn't deliver makes this a 502 that names it."""
    return await service.sync(request or Sync())
