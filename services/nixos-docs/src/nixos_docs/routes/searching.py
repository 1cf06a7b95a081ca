"""Search in pages, packages and options."""

from typing import Annotated

from fastapi import APIRouter, Depends
from garrison_kit.gate import requires

from nixos_docs.answers import OptionPage, PackagePage, PageText, SearchPage
from nixos_docs.packs import Name
from nixos_docs.requests import OptionSearch, PackageSearch, Search
from nixos_docs.service import Service, get_service

router = APIRouter(tags=["search"])
TheService = Annotated[Service, Depends(get_service)]


@router.post("/search")
@requires("read")
async def search(request: Search, service: TheService) -> SearchPage:
    """Find sections of documentation."""
    return await service.search(request)


@router.post("/packages/search")
@requires("read")
async def search_packages(request: PackageSearch, service: TheService) -> PackagePage:
    """Find packages by name, by a part of it, or by words about them."""
    return await service.search_packages(request)


@router.post("/options/search")
@requires("read")
async def search_options(request: OptionSearch, service: TheService) -> OptionPage:
    """Find NixOS options by name, by a part of it, or by words about them."""
    return await service.search_options(request)


@router.get("/pages/{pack}/{path:path}")
async def read_page(pack: Name, path: str, service: TheService) -> PageText:
    """Read one page, whole."""
    return await service.read_page(pack, path)
