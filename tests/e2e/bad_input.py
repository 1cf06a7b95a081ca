"""Requests that must be refused, built from data."""

from dataclasses import dataclass
from typing import Any

import httpx
import yaml

from garrison.catalog.loader import load_catalog
from garrison.catalog.model import Service as Known
from garrison.catalog.size import parse_size
from tests.conftest import ROOT
from tests.e2e.corpus import DATA

PROBLEM = "application/problem+json"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One bad request to one service, and the statuses that are right."""

    what: str
    service: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None
    statuses: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.service}, {self.what}"


@dataclass(frozen=True, kw_only=True)
class Service:
    """One of ours: where it is, what it takes, and how much of it."""

    name: str
    prefix: str
    port: int
    limit: int
    path: str
    body: str


def _load() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DATA / "bad_input.yaml").read_text())
    return found


def load_services() -> list[Service]:
    """All services of ours."""
    catalog = load_catalog((ROOT / "services",)).services
    return [_place(catalog[name], **data) for name, data in _load()["services"].items()]


def _place(known: Known, path: str, body: str) -> Service:
    assert known.route
    return Service(
        name=known.name,
        prefix=known.route.path.rstrip("/"),
        port=known.publish["http"],
        limit=parse_size(known.route.body),
        path=path,
        body=body,
    )


def load_faults() -> list[Fault]:
    """Every fault at every service."""
    services = load_services()
    return [_build(service, row) for row in _load()["faults"] for service in services]


def _build(service: Service, row: dict[str, Any]) -> Fault:
    method, status = row.get("method", "POST"), row["status"]
    kind = row.get("type", "application/json")
    return Fault(
        what=row["what"],
        service=service.name,
        method=method,
        path=service.prefix + row.get("path", service.path) + "x" * row.get("grow", 0),
        headers={"Content-Type": kind} if kind else {},
        body=None if method == "GET" else _body(service, row),
        statuses=tuple(status) if isinstance(status, list) else (status,),
    )


def _body(service: Service, row: dict[str, Any]) -> bytes:
    if "repeat" in row:
        return str(row["repeat"] * row["times"]).encode()
    text = str(row["body"]) if "body" in row else service.body.replace("TEXT", row["text"])
    return text.encode("latin-1")


def assert_problem(answer: httpx.Response, statuses: tuple[int, ...]) -> None:
    """A problem document of a right status that says nothing of the inside."""
    assert answer.status_code in statuses, f"{answer.status_code}: {answer.text[:500]}"
    assert answer.headers["content-type"] == PROBLEM, answer.text[:500]
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["title"]
    assert problem["error_id"]
    for inside in ("Traceback", "site-packages", ".py", "psycopg", "asyncpg", "sqlalchemy"):
        assert inside not in answer.text
