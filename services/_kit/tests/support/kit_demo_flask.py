"""The demo on Flask."""

import time

from flask import Blueprint, Flask, g
from garrison_kit import wsgi
from garrison_kit.gate import accepts, requires
from garrison_kit.openapi import describe
from garrison_kit.options import Options
from garrison_kit.problems import HttpProblemError
from kit_demo import SLOW_SECONDS, Answer, Listing, Note, Page, Who, boom, current_name, log_from_a_thread

demo = Blueprint("demo", __name__)


@demo.post("/notes/search")
@requires("read")
@describe(summary="Search", body=Note, answer=Answer)
def search() -> dict[str, object]:
    return Answer(text=wsgi.body().text).model_dump()


@demo.get("/notes")
@describe(query=Page, answer=Listing)
def page() -> dict[str, object]:
    return wsgi.query().model_dump()


@demo.post("/notes/<int:number>")
@describe(body=Note, answer=Answer, status=201)
def write(number: int) -> tuple[dict[str, object], int]:
    return Answer(number=number, text=wsgi.body().text).model_dump(), 201


@demo.get("/notes/<int:number>")
@describe(answer=Answer)
def read(number: int) -> dict[str, object]:
    return Answer(number=number, text="").model_dump()


@demo.get("/who")
@describe(answer=Who)
def who() -> dict[str, object]:
    return {"name": g.client.name, "current": current_name()}


@demo.get("/slow")
def slow() -> str:
    time.sleep(SLOW_SECONDS)
    return "late"


demo.get("/slow-thread", endpoint="slow_thread")(slow)


@demo.get("/thread")
def thread() -> str:
    log_from_a_thread()
    return ""


demo.get("/boom")(boom)


@demo.get("/conflict")
def conflict() -> None:
    raise HttpProblemError(409, "It is there already.", headers={"Retry-After": "3"})


@demo.post("/plain")
@accepts("text/plain")
def plain() -> str:
    return "taken"


def flask_app(options: Options) -> Flask:
    app = Flask("demo", static_folder=None)
    app.register_blueprint(demo)
    wsgi.install(app, options)
    return app
