"""What is answered to each path, without a word about sockets."""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from grafana_stand_in import TITLE, VERSION
from grafana_stand_in.measured import render_metrics
from grafana_stand_in.page import render_page
from grafana_stand_in.provisioning import Board, Source
from grafana_stand_in.upstream import Answer, ask, check_health

_LOGIN = (
    "<!doctype html><html lang=en><title>Grafana (stand-in)</title>"
    "<h1>Grafana</h1><p>This is the lab's stand-in, not Grafana. It takes the admin's password by basic "
    'authentication: <a href="/">overview</a>.</p>'
)
_PROXY = re.compile(r"^/api/datasources/proxy/(?:uid/)?([^/]+)(/.*)$")
_BOARD = re.compile(r"^/api/dashboards/uid/([^/]+)$")
_PAGE = re.compile(r"^/d/([^/]+)(?:/[^/]*)?$")
_SOURCE = re.compile(r"^/api/datasources/uid/([^/]+)(/health)?$")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request of somebody who may ask."""

    method: str
    target: str
    body: bytes = b""
    content_type: str = ""


@dataclass(frozen=True, kw_only=True)
class Grafana:
    """What was loaded, and what is answered from it."""

    sources: tuple[Source, ...]
    boards: tuple[Board, ...]
    home: str = field(default="")

    def openly(self, path: str) -> Answer | None:
        """The answer to what needs no password; None for everything else."""
        if path == "/api/health":
            return _json({"database": "ok", "version": VERSION, "commit": "stand-in"})
        if path == "/login":
            return Answer(status=200, content_type="text/html; charset=utf-8", body=_LOGIN.encode())
        if path == "/metrics":
            return Answer(
                status=200, content_type="text/plain; version=0.0.4", body=render_metrics(len(self.boards))
            )
        return None

    def answer(self, asked: Asked) -> Answer:
        """The answer to the admin."""
        path = urlsplit(asked.target).path
        if found := _PROXY.match(asked.target):
            return self._proxied(found[1], found[2], asked)
        if asked.method != "GET":
            return _message(501, f"{TITLE} doesn't serve {asked.method} {path}")
        if path == "/":
            return self._page(self.home, asked.target)
        if found := _PAGE.match(path):
            return self._page(found[1], asked.target)
        if path == "/api/search":
            return _json(self._search(urlsplit(asked.target).query))
        if path == "/api/datasources":
            return _json([_source(one) for one in self.sources])
        if found := _BOARD.match(path):
            return self._board(found[1])
        if found := _SOURCE.match(path):
            return self._source(found[1], asks_health=bool(found[2]))
        return _message(501, f"{TITLE} doesn't serve GET {path}")

    def board(self, uid: str) -> Board | None:
        """The dashboard of that address."""
        return next((board for board in self.boards if board.uid == uid), None)

    def source(self, name: str) -> Source | None:
        """The data source of that uid or number."""
        return next((one for one in self.sources if name in (one.uid, str(one.id))), None)

    def _page(self, uid: str, target: str) -> Answer:
        board = self.board(uid)
        if board is None:
            return _message(404, "Dashboard not found")
        since = parse_qs(urlsplit(target).query).get("from", [""])[0]
        source = next((one for one in self.sources if one.is_default), self.sources[0])
        body = render_page(board, source, self.boards, since)
        return Answer(status=200, content_type="text/html; charset=utf-8", body=body)

    def _search(self, text: str) -> list[dict[str, Any]]:
        fields = parse_qs(text)
        words = fields.get("query", [""])[0].lower()
        kinds = fields.get("type", ["dash-db"])
        if "dash-db" not in kinds:
            return []
        return [_hit(board) for board in self.boards if words in board.title.lower()]

    def _board(self, uid: str) -> Answer:
        board = self.board(uid)
        if board is None:
            return _message(404, "Dashboard not found")
        meta = {
            "type": "db",
            "canSave": False,
            "canEdit": False,
            "provisioned": True,
            "folderTitle": board.folder,
            "folderUid": board.folder_uid,
            "url": f"/d/{board.uid}",
        }
        return _json({"meta": meta, "dashboard": {**board.document, "id": board.id}})

    def _source(self, uid: str, *, asks_health: bool) -> Answer:
        source = self.source(uid)
        if source is None:
            return _message(404, "Data source not found")
        if not asks_health:
            return _json(_source(source))
        try:
            said = check_health(source)
        except ValueError as error:
            return _json({"status": "ERROR", "message": str(error)}, 400)
        return _json({"status": "OK", "message": said})

    def _proxied(self, uid: str, path: str, asked: Asked) -> Answer:
        source = self.source(uid)
        if source is None:
            return _message(404, "Unable to find datasource")
        if asked.method not in ("GET", "POST"):
            return _message(403, "non allow-listed method")
        return ask(source, asked.method, path, asked.body, asked.content_type)


def _source(source: Source) -> dict[str, Any]:
    return {
        "id": source.id,
        "uid": source.uid,
        "name": source.name,
        "type": source.type,
        "url": source.url,
        "access": "proxy",
        "isDefault": source.is_default,
        "readOnly": True,
        "jsonData": source.json_data,
    }


def _hit(board: Board) -> dict[str, Any]:
    return {
        "id": board.id,
        "uid": board.uid,
        "title": board.title,
        "type": "dash-db",
        "url": f"/d/{board.uid}",
        "tags": board.document.get("tags", []),
        "folderTitle": board.folder,
        "folderUid": board.folder_uid,
    }


def _message(status: int, text: str) -> Answer:
    return _json({"message": text}, status)


def _json(document: Any, status: int = 200) -> Answer:
    return Answer(status=status, content_type="application/json", body=json.dumps(document).encode())
