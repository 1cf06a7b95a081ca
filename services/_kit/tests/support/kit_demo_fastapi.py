"""The demo on FastAPI."""

import asyncio
import time
from typing import Annotated

from fastapi import APIRouter, FastAPI, Query, Request
from garrison_kit import asgi
from garrison_kit.gate import accepts, requires
from garrison_kit.options import Options
from garrison_kit.problems import HttpProblemError
from kit_demo import SLOW_SECONDS, Answer, Listing, Note, Page, Who, boom, current_name, log_from_a_thread

notes, rest = APIRouter(prefix="/notes"), APIRouter()


@notes.post("/search")
@requires("read")
def search(note: Note) -> Answer:
    return Answer(text=note.text)


@notes.get("")
async def page(page: Annotated[Page, Query()]) -> Listing:
    return Listing(**page.model_dump())


@notes.post("/{number:int}", status_code=201)
async def write(number: int, note: Note) -> Answer:
    return Answer(number=number, text=note.text)


@notes.get("/{number:int}")
async def read(number: int) -> Answer:
    return Answer(number=number, text="")


@rest.get("/who")
def who(request: Request) -> Who:
    return Who(name=request.state.client.name, current=current_name())


@rest.get("/slow", include_in_schema=False)
async def slow() -> None:
    await asyncio.sleep(SLOW_SECONDS)


@rest.get("/slow-thread", include_in_schema=False)
def slow_thread() -> None:
    time.sleep(SLOW_SECONDS)


@rest.get("/thread", include_in_schema=False)
def thread() -> None:
    log_from_a_thread()


rest.get("/boom", include_in_schema=False)(boom)


@rest.get("/conflict", include_in_schema=False)
def conflict() -> None:
    raise HttpProblemError(409, "It is there already.", headers={"Retry-After": "3"})


@rest.post("/plain", include_in_schema=False)
@accepts("text/plain")
def plain() -> str:
    return "taken"


def fastapi_app(options: Options) -> FastAPI:
    app = FastAPI(title=options.service, version=options.version, docs_url=None, redoc_url=None)
    app.include_router(notes)
    app.include_router(rest)
    asgi.install(app, options)
    return app
