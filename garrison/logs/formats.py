"""The shapes in which services write, each read into the parts of a line; nobody's name is asked, only the shape."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from garrison.logs.line import Level, Told


@dataclass(frozen=True, kw_only=True)
class Said(Told):
    """What one text tells, level and time too where it says them."""

    level: Level | None = None
    timestamp: datetime | None = None


_LEVELS = {
    "trace": Level.DEBUG,
    "debug": Level.DEBUG,
    "info": Level.INFO,
    "notice": Level.INFO,
    "log": Level.INFO,
    "statement": Level.INFO,
    "detail": Level.INFO,
    "hint": Level.INFO,
    "context": Level.INFO,
    "warn": Level.WARNING,
    "warning": Level.WARNING,
    "error": Level.ERROR,
    "err": Level.ERROR,
    "fatal": Level.ERROR,
    "panic": Level.ERROR,
    "crit": Level.ERROR,
    "critical": Level.ERROR,
    "alert": Level.ERROR,
    "emerg": Level.ERROR,
}
# 2026-11-26 01:56:34.693 UTC [344] role@database host FATAL:  what happened
_POSTGRES = re.compile(
    r"(?P<ts>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+) UTC \[(?P<pid>\d+)\] (?P<who>.*?)(?P<level>[A-Z]+\d?): +(?P<what>.*)",
    re.DOTALL,
)
# 1:M 26 Nov 2026 01:45:41.855 * what happened     (. debug, - verbose, * notice, # warning)
_REDIS = re.compile(
    r"(?P<pid>\d+):(?P<role>[XCSM]) (?P<ts>\d\d \w{3} \d{4} \d\d:\d\d:\d\d\.\d{3}) (?P<level>[.\-*#]) (?P<what>.*)",
    re.DOTALL,
)
# 2026/11/26 01:49:48 [notice] 1#1: *7 what happened
_NGINX = re.compile(
    r"(?P<ts>\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) \[(?P<level>\w+)\] (?P<pid>\d+)#\d+: (?:\*\d+ )?(?P<what>.*)",
    re.DOTALL,
)
# 0.13.045.121 I srv  llama_server: what happened      (time since its start)
_LLAMA = re.compile(r"\d+\.\d\d\.\d{3}\.\d{3} (?P<level>[DIWE]) (?P<what>\w+ .*)", re.DOTALL)
_REDIS_LEVELS = {".": Level.DEBUG, "-": Level.DEBUG, "*": Level.INFO, "#": Level.WARNING}
_LETTERS = {"D": Level.DEBUG, "I": Level.INFO, "W": Level.WARNING, "E": Level.ERROR}
# The id that the door puts into its error log, and nginx into a request's own.
_REQUEST = re.compile(r'request_id: "?(?P<id>[A-Za-z0-9._-]{8,64})')


def read_said(text: str) -> Said:
    """What ``text`` tells; a text of no shape that is known is a message and nothing else."""
    text = text.rstrip("\n")
    document = _document(text)
    if document is not None:
        for read in _DOCUMENTS:
            said = read(document)
            if said:
                return said
        return Said(message=text, wrapped=True)
    for read_text in _TEXTS:
        said = read_text(text)
        if said:
            return said
    return Said(message=text, wrapped=True)


def _document(text: str) -> dict[str, object] | None:
    if not text.startswith("{"):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _kit(document: Mapping[str, object]) -> Said | None:
    if not isinstance(document.get("event"), str):
        return None
    known = {
        "event",
        "level",
        "timestamp",
        "service",
        "version",
        "request_id",
        "trace_id",
        "client",
        "duration_ms",
    }
    return Said(
        message=str(document["event"]),
        level=_level(document.get("level")),
        timestamp=_iso(document.get("timestamp")),
        version=_text(document.get("version")),
        request_id=_text(document.get("request_id")),
        trace_id=_text(document.get("trace_id")),
        client=_text(document.get("client")),
        duration_ms=_number(document.get("duration_ms")),
        fields={key: value for key, value in document.items() if key not in known and value is not None},
    )


def _access(document: Mapping[str, object]) -> Said | None:
    if "request_time" not in document or "status" not in document:
        return None
    seconds = _number(document["request_time"])
    known = {"ts", "msec", "request_id", "trace_id", "client", "request_time"}
    status = _number(document["status"]) or 0
    return Said(
        message="request",
        level=Level.WARNING if status >= 500 else Level.INFO,
        timestamp=_since_1970(document.get("msec")) or _iso(document.get("ts")),
        request_id=_text(document.get("request_id")),
        trace_id=_text(document.get("trace_id")),
        client=_text(document.get("client")),
        duration_ms=None if seconds is None else round(seconds * 1000, 3),
        fields={
            key: value for key, value in document.items() if key not in known and value not in ("", None)
        },
    )


def _tracing(document: Mapping[str, object]) -> Said | None:
    """As Rust's tracing-subscriber writes it: Qdrant."""
    fields = document.get("fields")
    if not isinstance(fields, dict) or "target" not in document:
        return None
    more = {key: value for key, value in fields.items() if key != "message"}
    return Said(
        message=str(fields.get("message", "")),
        level=_level(document.get("level")),
        timestamp=_iso(document.get("timestamp")),
        fields={"logger": document["target"], **more},
    )


def _go(document: Mapping[str, object]) -> Said | None:
    """As slog, go-kit and logrus write it: Prometheus, Alertmanager, the exporters. To Grafana the time is ``t``."""
    if not isinstance(document.get("msg"), str) or "level" not in document:
        return None
    times = [document[key] for key in ("time", "ts", "t") if key in document]
    known = {"msg", "level", "time", "ts", "t"}
    return Said(
        message=str(document["msg"]),
        level=_level(document["level"]),
        timestamp=_iso(times[0] if times else None),
        fields={key: value for key, value in document.items() if key not in known},
    )


def _postgres(text: str) -> Said | None:
    found = _POSTGRES.fullmatch(text)
    if not found:
        return None
    who = {"session": found["who"].strip()} if found["who"].strip() else {}
    return Said(
        message=found["what"],
        level=_level(found["level"].rstrip("12345")),
        timestamp=datetime.strptime(found["ts"], "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC),
        fields={"pid": int(found["pid"]), **who},
        wrapped=True,
    )


def _redis(text: str) -> Said | None:
    found = _REDIS.fullmatch(text)
    if not found:
        return None
    return Said(
        message=found["what"],
        level=_REDIS_LEVELS[found["level"]],
        timestamp=datetime.strptime(found["ts"], "%d %b %Y %H:%M:%S.%f").replace(tzinfo=UTC),
        fields={"pid": int(found["pid"])},
        wrapped=True,
    )


def _nginx(text: str) -> Said | None:
    found = _NGINX.fullmatch(text)
    if not found:
        return None
    request = _REQUEST.search(found["what"])
    return Said(
        message=found["what"],
        level=_level(found["level"]),
        timestamp=datetime.strptime(found["ts"], "%Y/%m/%d %H:%M:%S").replace(tzinfo=UTC),
        request_id=request["id"] if request else None,
        fields={"pid": int(found["pid"])},
        wrapped=True,
    )


def _llama(text: str) -> Said | None:
    found = _LLAMA.fullmatch(text)
    if not found:
        return None
    return Said(message=" ".join(found["what"].split()), level=_LETTERS[found["level"]], wrapped=True)


_DOCUMENTS: tuple[Callable[[Mapping[str, object]], Said | None], ...] = (_kit, _access, _tracing, _go)
_TEXTS: tuple[Callable[[str], Said | None], ...] = (_postgres, _redis, _nginx, _llama)


def _level(word: object) -> Level | None:
    return _LEVELS.get(str(word).lower())


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _iso(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _since_1970(value: object) -> datetime | None:
    seconds = _number(value)
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None
