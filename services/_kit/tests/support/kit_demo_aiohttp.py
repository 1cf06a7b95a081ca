"""The demo on aiohttp.web."""

import asyncio
import time

from aiohttp import web
from garrison_kit import aiohttp
from garrison_kit.gate import accepts, requires
from garrison_kit.openapi import describe
from garrison_kit.options import Options
from garrison_kit.problems import HttpProblemError
from kit_demo import SLOW_SECONDS, Answer, Listing, Note, Page, Who, boom, current_name, log_from_a_thread
from pydantic import BaseModel

routes = web.RouteTableDef()


def answer(model: BaseModel, status: int = 200) -> web.Response:
    return web.json_response(model.model_dump(), status=status)


@routes.post("/notes/search")
@requires("read")
@describe(summary="Search", body=Note, answer=Answer)
async def search(request: web.Request) -> web.Response:
    return answer(Answer(text=(await aiohttp.body(request)).text))


@routes.get("/notes")
@describe(query=Page, answer=Listing)
async def page(request: web.Request) -> web.Response:
    return answer(aiohttp.query(request))


@routes.post(r"/notes/{number:\d+}")
@describe(body=Note, answer=Answer, status=201)
async def write(request: web.Request) -> web.Response:
    note = await aiohttp.body(request)
    return answer(Answer(number=int(request.match_info["number"]), text=note.text), 201)


@routes.get(r"/notes/{number:\d+}")
@describe(answer=Answer)
async def read(request: web.Request) -> web.Response:
    return answer(Answer(number=int(request.match_info["number"]), text=""))


@routes.get("/who")
@describe(answer=Who)
async def who(request: web.Request) -> web.Response:
    return answer(Who(name=request["client"].name, current=current_name()))


@routes.get("/slow")
async def slow(_: web.Request) -> web.Response:
    await asyncio.sleep(SLOW_SECONDS)
    return web.Response()


@routes.get("/slow-thread")
async def slow_thread(_: web.Request) -> web.Response:
    await asyncio.to_thread(time.sleep, SLOW_SECONDS)
    return web.Response()


@routes.get("/thread")
async def thread(_: web.Request) -> web.Response:
    log_from_a_thread()
    return web.Response()


@routes.get("/boom")
async def explode(_: web.Request) -> web.Response:
    boom()
    return web.Response()


@routes.get("/conflict")
async def conflict(_: web.Request) -> web.Response:
    raise HttpProblemError(409, "It is there already.", headers={"Retry-After": "3"})


@routes.post("/plain")
@accepts("text/plain")
async def plain(_: web.Request) -> web.Response:
    return web.Response(text="taken")


def aiohttp_app(options: Options) -> web.Application:
    app = web.Application()
    app.add_routes(routes)
    aiohttp.install(app, options)
    return app
