"""What changed on a host since the last deploy: files of ours as diffs, and settings that no longer hold."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from garrison.controls.result import State
from garrison.plan.hostfiles import HostFile
from garrison.plan.step import LIB
from garrison.report.redact import HIDDEN, redact, redact_result
from garrison.report.result import Result

_SECRET = re.compile(r"(^|[/._-])(secrets?|shadow-?|.*\.key|.*passw(or)?d.*|credentials?|tokens?)($|[/._-])")
_BEGINNING = "-----BEGIN"


class Kind(StrEnum):
    """What happened to a file."""

    EDITED = "edited"
    REMOVED = "removed"
    MODE = "mode changed"
    REPLACED = "replaced by what is no file"
    DIFFERS = "another than would be laid"


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileNow(_Told):
    """``text`` is None for what is no text, or too long to show."""

    kind: str
    mode: int
    text: str | None


class Differing(_Told):
    """A file beside its copy: ``laid`` is None where none was kept, ``now`` where there is no file."""

    path: str
    laid: FileNow | None
    now: FileNow | None


class Laid(_Told):
    """What garrison/evidence/laid.py answers: how many copies it knows, and what differs."""

    copies: int
    files: tuple[Differing, ...]


@dataclass(frozen=True, kw_only=True)
class FileDrift:
    """One file; ``diff`` is empty where its content can't or mustn't be shown, and ``note`` says why."""

    path: str
    kind: Kind
    note: str = ""
    diff: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Drift:
    """One host; ``settings`` are the controls that a deploy establishes and that don't hold now.

    ``pending`` are files that this working tree would lay and no deploy ever did: while there are any, nobody can
    tell whether a setting ever held.
    """

    host: str
    copies: int
    files: tuple[FileDrift, ...]
    pending: tuple[str, ...]
    settings: tuple[Result, ...]

    @property
    def has_drifted(self) -> bool:
        """Whether anything on the host is another than the last deploy left it."""
        return bool(self.files) or (bool(self.settings) and not self.pending)


def find_drift(
    host: str, laid: Laid, wanted: Mapping[str, HostFile], results: Sequence[Result], deploys: str
) -> Drift:
    """What differs on ``host``, redacted: ``wanted`` are the files as they would be laid now.

    Where nothing was ever laid nothing can have drifted. A control whose remedy begins with ``deploys`` held after
    the last deploy, so it changed if it fails now.
    """
    files = (
        [drift for one in laid.files if (drift := _of_file(one, wanted.get(one.path)))] if laid.copies else []
    )
    pending = tuple(
        one.path for one in laid.files if one.laid is None and (one.now is None or not laid.copies)
    )
    settings = tuple(one for one in results if one.state is State.FAILED and one.remedy.startswith(deploys))
    return _redacted(
        Drift(host=host, copies=laid.copies, files=tuple(files), pending=pending, settings=settings)
    )


def _redacted(found: Drift) -> Drift:
    """Done once, over every word of the host's, before anything is shown or written of it."""
    return replace(
        found,
        files=tuple(
            replace(
                one,
                path=redact(one.path),
                note=redact(one.note),
                diff=tuple(redact(line) for line in one.diff),
            )
            for one in found.files
        ),
        pending=tuple(redact(path) for path in found.pending),
        settings=tuple(redact_result(one) for one in found.settings),
    )


def _of_file(file: Differing, wanted: HostFile | None) -> FileDrift | None:
    if file.laid is None:
        return _without_copy(file, wanted) if wanted else None
    if file.now is None:
        return FileDrift(path=file.path, kind=Kind.REMOVED)
    if file.now.kind != "file":
        return FileDrift(path=file.path, kind=Kind.REPLACED, note=f"it is a {file.now.kind} now.")
    if file.laid.text == file.now.text and file.laid.text is not None:
        note = f"from {file.laid.mode:04o} to {file.now.mode:04o}."
        return FileDrift(path=file.path, kind=Kind.MODE, note=note)
    if wanted and _text(wanted) == file.now.text and wanted.mode == file.now.mode:
        return None  # somebody made it by hand what we want now
    return _diff(file.path, Kind.EDITED, file.laid.text, file.now.text, "as it was laid")


def _without_copy(file: Differing, wanted: HostFile) -> FileDrift | None:
    text, now = _text(wanted), file.now
    if now is None or (now.kind == "file" and now.text == text and now.mode == wanted.mode):
        return None
    return _diff(file.path, Kind.DIFFERS, text, now.text, "as it would be laid")


def _text(wanted: HostFile) -> str | None:
    try:
        return wanted.content.decode()
    except UnicodeDecodeError:
        return None


def _diff(path: str, kind: Kind, old: str | None, new: str | None, was: str) -> FileDrift:
    if old is None or new is None:
        return FileDrift(path=path, kind=kind, note="its content is no text, or too long to show.")
    is_secret = _SECRET.search(path) and not path.startswith(LIB)
    if is_secret or _BEGINNING in old + new:
        return FileDrift(path=path, kind=kind, note="its content may be a secret and isn't shown.")
    return FileDrift(path=path, kind=kind, diff=tuple(_lines(old, new, was)))


def _lines(old: str, new: str, was: str) -> Iterator[str]:
    for line in difflib.unified_diff(old.splitlines(), new.splitlines(), was, "on the host", lineterm=""):
        shown = redact(line)
        yield shown if HIDDEN not in shown else f"{line[0]}{HIDDEN}"


def to_document(drifts: Sequence[Drift]) -> list[dict[str, Any]]:
    """The same for machines."""
    return [
        {
            "host": one.host,
            "drifted": one.has_drifted,
            "files": [
                {"path": file.path, "kind": str(file.kind), "note": file.note, "diff": list(file.diff)}
                for file in one.files
            ],
            "pending": list(one.pending),
            "settings": [
                {
                    "control": each.control,
                    "title": each.title,
                    "findings": [f"{problem.where}: {problem.what}" for problem in each.failures],
                }
                for each in one.settings
            ],
        }
        for one in drifts
    ]
