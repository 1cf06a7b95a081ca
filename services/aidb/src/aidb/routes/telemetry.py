"""Telemetry: what was asked lately."""

from typing import Annotated

from fastapi import APIRouter, Query

from aidb.routes.dependencies import TheService
from aidb.telemetry.summary import Summary

router = APIRouter(tags=["telemetry"])


@router.get("/telemetry/summary")
async def read_summary(service: TheService, hours: Annotated[int, Query(ge=1, le=24 * 30)] = 24) -> Summary:
    """What was asked in the last ``hours``: counts, latencies of searches, hit rate of the cache."""
    return await service.summarize(hours)
