"""Lines for a terminal: one below the other, or one request as a waterfall through all services."""

from collections.abc import Sequence
from datetime import timedelta

from rich.table import Table
from rich.text import Text

from garrison.logs.line import Level, Line
from garrison.report.redact import redact

_COLOURS = ("cyan", "magenta", "green", "blue", "yellow", "bright_cyan", "bright_magenta", "bright_green")
_STYLES = {Level.DEBUG: "dim", Level.INFO: "", Level.WARNING: "yellow", Level.ERROR: "bold red"}
_BAR = 24
# Of an access line, what says most, in this order; the rest is in --json.
_REQUEST = ("method", "path", "route", "status")
_LEFT_OUT = {
    *_REQUEST,
    "logger",
    "pid",
    "bytes",
    "protocol",
    "tls",
    "user_agent",
    "upstream",
    "upstream_time",
    "peer",
}
_MILLISECOND = timedelta(milliseconds=1)


def colour_of(service: str) -> str:
    """The same for a service in every run."""
    return _COLOURS[sum(service.encode()) % len(_COLOURS)]


def as_text(line: Line, *, host: str | None = None) -> Text:
    """One line, in UTC."""
    shown = Text(f"{line.timestamp:%m-%d %H:%M:%S}.{line.timestamp.microsecond // 1000:03d} ", style="dim")
    if host:
        shown.append(f"{host} ", style="dim")
    shown.append(f"{line.service:<18} ", style=colour_of(line.service))
    shown.append(f"{line.level:<8}", style=_STYLES[line.level] or "dim")
    shown.append(describe(line), style=_STYLES[line.level])
    if line.duration_ms is not None:
        shown.append(f"  {line.duration_ms:.1f} ms", style="dim")
    if line.client:
        shown.append(f"  {redact(line.client)}", style="dim")
    return shown


def describe(line: Line) -> str:
    """What happened, on one line, with no secret and nothing that a terminal would obey."""
    words = [line.message]
    if line.message == "request":
        route = {} if line.fields.get("path") else {"route": line.fields.get("route")}
        asked = {**line.fields, **route}
        words = [str(asked[name]) for name in _REQUEST if asked.get(name) and (name != "route" or route)]
    words += [f"{name}={value}" for name, value in line.fields.items() if name not in _LEFT_OUT]
    return " ".join(redact(" ".join(words)).split())


def as_waterfall(request_id: str, lines: Sequence[Line]) -> Table:
    """All ``lines`` of one request in the order in which what they tell began, with a bar for what took time."""
    lines = sorted(lines, key=lambda line: (line.began, -(line.duration_ms or 0)))
    start = lines[0].began
    whole = max((line.timestamp - start) / _MILLISECOND for line in lines)
    services = len({line.service for line in lines})
    title = f"request {redact(request_id)}: {whole:.1f} ms, {services} {'service' if services == 1 else 'services'}"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="dim")
    table.add_column("at ms", justify="right")
    table.add_column("service")
    table.add_column("what", overflow="fold")
    table.add_column("ms", justify="right")
    table.add_column("", width=_BAR, no_wrap=True)
    for line in lines:
        at, took = (line.began - start) / _MILLISECOND, line.duration_ms
        table.add_row(
            f"{at:.1f}",
            Text(line.service, style=colour_of(line.service)),
            Text(describe(line), style=_STYLES[line.level]),
            "" if took is None else f"{took:.1f}",
            Text(_bar(at, took, whole), style=colour_of(line.service)),
        )
    return table


def _bar(at: float, took: float | None, whole: float) -> str:
    before = min(int(at / (whole or 1) * _BAR), _BAR - 1)
    if took is None:
        return " " * before + "·"
    return " " * before + "█" * max(1, min(round(took / (whole or 1) * _BAR), _BAR - before))
