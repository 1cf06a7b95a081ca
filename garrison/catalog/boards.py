"""Dashboards of a user's own: the JSON files in a folder that the inventory names, judged before a deploy."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import promql_parser

from garrison.catalog.panels import filled_in
from garrison.catalog.source import shown
from garrison.problem import Problem, ProblemError

LARGEST = 1024**2
OURS = "garrison-"
SOURCES = ("prometheus", "-- Grafana --", "-- Mixed --", "-- Dashboard --")
_UID = re.compile(r"^[A-Za-z0-9_-]{1,40}$")
_FILE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*\.json$")
Document = dict[str, Any]


def load_boards(folder: Path | None) -> Mapping[str, bytes]:
    """The content of each JSON file in ``folder`` by its name, none without a folder.

    Raises ProblemError, with file and line, for everything that Grafana couldn't load, or would load and not draw.
    """
    if folder is None:
        return {}
    paths = sorted(folder.glob("*.json"))
    problems = [] if paths else [_problem(shown(folder), "there is no dashboard (*.json).", "Put one there.")]
    found: dict[str, bytes] = {}
    uids: dict[str, str] = {}
    for path in paths:
        content = path.read_bytes()
        problems += _Board(path, content).judge(uids)
        found[path.name] = content
    if problems:
        raise ProblemError(problems)
    return found


class _Board:
    """One file, and where in it something stands."""

    def __init__(self, path: Path, content: bytes) -> None:
        self.path = path
        self.text = content.decode(errors="replace")
        self.is_large = len(content) > LARGEST

    def judge(self, uids: dict[str, str]) -> list[Problem]:
        """What is wrong; ``uids`` are those of the files before, to which its own is added."""
        try:
            document = json.loads(self.text)
        except ValueError as error:
            line = getattr(error, "lineno", 1)
            return [self._at(line, f"this is not JSON: {getattr(error, 'msg', error)}.", "Mend it there.")]
        except RecursionError:
            return [self._at(1, "it is nested too deeply.", "Export it from Grafana again.")]
        if not isinstance(document, dict):
            return [self._at(1, "it is no JSON object.", "Export a dashboard from Grafana as JSON.")]
        return [*self._shape(document, uids), *self._questions(document)]

    def _shape(self, document: Document, uids: dict[str, str]) -> Iterator[Problem]:
        if self.is_large:
            yield self._at(1, "it is larger than 1 MB.", "Split it.")
        if not _FILE.fullmatch(self.path.name):
            yield self._at(1, "its name has more than letters, digits and . _ -.", "Rename the file.")
        if "__inputs" in document:
            what = "it asks for its data source when it is imported, and nobody would answer."
            yield self._of("__inputs", what, "Export it without 'for sharing externally'.")
        if not isinstance(document.get("title"), str) or not isinstance(document.get("panels"), list):
            what = (
                "it has no title or no list of panels at its top, so it is no dashboard of the classic form."
            )
            yield self._at(1, what, "Export it from Grafana as classic JSON.")
        uid = document.get("uid")
        if not isinstance(uid, str) or not _UID.fullmatch(uid) or uid.startswith(OURS):
            what = f"its uid {uid!r} isn't 1 to 40 letters, digits, _ and -, or begins with {OURS!r}."
            yield self._of(str(uid), what, "Give it another one.")
        elif uid in uids:
            yield self._of(uid, f"{uids[uid]} has the uid {uid!r} too.", "Give one of them another.")
        else:
            uids[uid] = shown(self.path)

    def _questions(self, document: Document) -> Iterator[Problem]:
        for part in _parts(document):
            source = part.get("datasource")
            uid = source.get("uid") if isinstance(source, dict) else source
            if isinstance(uid, str) and uid not in SOURCES and not uid.startswith("$"):
                yield self._of(uid, f"there is no data source {uid!r}.", "Write 'prometheus' as its uid.")
            expr = filled_in(part["expr"]) if isinstance(part.get("expr"), str) else ""
            # What has a variable of its own in it is a question only when somebody has chosen a value.
            if not expr or "$" in expr or "[[" in expr:
                continue
            try:
                promql_parser.parse(expr)
            except ValueError as error:
                yield self._of(part["expr"], f"this is not PromQL: {error}.", "Mend the question there.")

    def _of(self, value: str, what: str, remedy: str) -> Problem:
        places = [self.text.find(json.dumps(value, ensure_ascii=ascii_only)) for ascii_only in (False, True)]
        at = max(places)
        return self._at(self.text.count("\n", 0, at) + 1 if at >= 0 else 1, what, remedy)

    def _at(self, line: int, what: str, remedy: str) -> Problem:
        return _problem(f"{shown(self.path)}:{line}", what, remedy)


def _parts(document: Document) -> Iterator[Document]:
    """Everything in it that asks a data source: panels, also those in rows, their targets, notes and variables."""
    waiting = [document.get(key) for key in ("panels", "annotations", "templating")]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, list):
            waiting = [*one, *waiting]
        elif isinstance(one, dict):
            yield one
            waiting = [one.get("targets"), one.get("panels"), one.get("list"), *waiting]


def _problem(where: str, what: str, remedy: str) -> Problem:
    return Problem(where=where, id="settings.dashboard", what=what, remedy=remedy)
