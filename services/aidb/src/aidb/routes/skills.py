"""Skills: propose, list, read, approve, reject, delete."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from garrison_kit.gate import requires

from aidb.fields import Slug, Tag
from aidb.routes.dependencies import Limit, Q, Skip, TheService
from aidb.skills.models import Review, Shown, Skill, SkillPage, SkillSubmission, SkillSubmitted

router = APIRouter(tags=["skills"])
CREATED: dict[int | str, dict[str, Any]] = {201: {"model": SkillSubmitted, "description": "It is new"}}
TheReview = Annotated[Review, Body(default_factory=Review)]


@router.post("/skills", responses=CREATED)
@router.post("/skills/import", responses=CREATED)
async def submit_skill(given: SkillSubmission, service: TheService, response: Response) -> SkillSubmitted:
    """Propose a skill or a change of one; it is pending until an admin has approved it."""
    submitted = await service.skills.submit(given)
    response.status_code = 201 if submitted.outcome == "created" else 200
    return submitted


@router.get("/skills")
async def list_skills(
    service: TheService,
    query: Q = None,
    tag: Tag | None = None,
    status: Shown = "approved",
    include_pending: bool = False,
    limit: Limit = 50,
    offset: Skip = 0,
) -> SkillPage:
    """One page of the approved skills; any other status, and ``include_pending``, are for admins."""
    shown: Shown = "all" if include_pending else status
    return await service.skills.list(query=query, tag=tag, status=shown, limit=limit, offset=offset)


@router.get("/skills/{slug}")
async def read_skill(slug: Slug, service: TheService) -> Skill:
    """One skill with its content; one that isn't approved is there for admins only."""
    return await service.skills.read(slug)


@router.post("/skills/{slug}/approve")
@requires("admin")
async def approve_skill(slug: Slug, service: TheService, review: TheReview) -> Skill:
    """Let everybody read it; with the checksum of what was read, 409 when it has changed since."""
    return await service.skills.review(slug, "approved", review)


@router.post("/skills/{slug}/reject")
@requires("admin")
async def reject_skill(slug: Slug, service: TheService, review: TheReview) -> Skill:
    """Keep it from readers, with a note on why."""
    return await service.skills.review(slug, "rejected", review)


@router.delete("/skills/{slug}", status_code=204)
@requires("admin")
async def delete_skill(slug: Slug, service: TheService) -> None:
    """Delete a skill."""
    await service.skills.delete(slug)
