"""What the three demo applications share: their models, and handlers that are no framework's."""

from typing import Annotated

import structlog
from garrison_kit import clients
from garrison_kit.text import Text
from garrison_kit.threads import make_thread
from pydantic import BaseModel, ConfigDict, Field

SLOW_SECONDS = 1.0
log = structlog.get_logger("demo")


class Place(BaseModel):
    """Part of a note, so that the documents have a definition within a definition."""

    name: Text


class Note(BaseModel):
    text: Text
    places: list[Place] = []


class Page(BaseModel):
    model_config = ConfigDict(extra="forbid")
    limit: Annotated[int, Field(ge=1, le=100)] = 10
    tag: list[str] = []
    after: int | None = None


class Answer(BaseModel):
    text: str
    number: int = 0


class Listing(BaseModel):
    limit: int
    tag: list[str]
    after: int | None


class Who(BaseModel):
    name: str | None
    current: str | None


def current_name() -> str | None:
    client = clients.current()
    return client.name if client else None


def boom() -> None:
    raise RuntimeError("postgres://inside:secret@db")


def log_from_a_thread() -> None:
    thread = make_thread(lambda: log.info("from_a_thread"), name="afar")
    thread.start()
    thread.join()
