"""A dashboard as a plain page: its panels where Grafana would have them, filled from Prometheus."""

import re
import time
from collections.abc import Mapping
from dataclasses import replace
from html import escape
from typing import Any

from grafana_stand_in.picture import PALETTE, Series, Times, draw_lines, draw_states
from grafana_stand_in.provisioning import Board, Source
from grafana_stand_in.upstream import query
from grafana_stand_in.values import colour, shown

MOST = 40  # series in one panel
_COLUMN = 64  # of 24
_BACK = re.compile(r"^now-(\d{1,3})([mhd])$")
_SECONDS = {"m": 60, "h": 3600, "d": 86400}
_LABEL = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_STYLE = """
body{background:#111217;color:#ccccdc;font:14px/1.4 sans-serif;margin:0 16px 16px}a{color:#6e9fff}
main{display:grid;grid-template-columns:repeat(24,1fr);gap:8px}h1{font-size:18px}small{color:#8e8e9a}
section{background:#181b1f;border:1px solid #2a2d33;border-radius:3px;padding:6px 8px;overflow:hidden}
h2{font-size:15px;margin:6px 0 0;grid-column:1/-1}h3{font-size:13px;margin:0 0 4px}
svg text{fill:#9a9aa5;font:11px sans-serif}svg text.on{fill:#fff}
table{border-collapse:collapse;font-size:12px}td,th{padding:2px 10px 2px 0;text-align:left}
b{font-size:28px}
.legend span{display:inline-block;margin-right:12px;font-size:12px}
"""


def render_page(board: Board, source: Source, others: tuple[Board, ...], since: str = "") -> bytes:
    """The page of ``board``; ``since`` is how far back it looks, as in ``now-30m``."""
    said = since or str((board.document.get("time") or {}).get("from", ""))
    back = _BACK.match(said) or _BACK.match("now-6h")
    assert back is not None  # noqa: S101 - the second one matches
    end = time.time()
    begin = end - int(back[1]) * _SECONDS[back[2]]
    times = Times(begin=begin, end=end, width=_COLUMN * 24, marks=_deploys(board, source, begin, end))
    links = " · ".join(f'<a href="/d/{escape(one.uid)}">{escape(one.title)}</a>' for one in others)
    panels = "".join(_place(panel, source, times) for panel in board.document["panels"])
    text = (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(board.title)}</title>"
        f"<style>{_STYLE}</style><h1>{escape(board.title)} <small>drawn by the lab's stand-in for Grafana; "
        f"{escape(back[0])}, UTC; a dashed line is a deploy</small></h1><p><small>{links}</small></p>"
        f"<main>{panels}</main></html>"
    )
    return text.encode()


def _place(panel: dict[str, Any], source: Source, times: Times) -> str:
    title = escape(str(panel.get("title", "")))
    if panel.get("type") == "row":
        return f"<h2>{title}</h2>"
    width = int((panel.get("gridPos") or {}).get("w", 24))
    try:
        draw = _DRAWN.get(str(panel.get("type")), _nothing)
        inside = draw(panel, source, replace(times, width=_COLUMN * width))
    except ValueError as error:
        inside = f"<p>{escape(str(error))}</p>"
    about = escape(str(panel.get("description", "")))
    return f'<section style="grid-column:span {width}" title="{about}"><h3>{title}</h3>{inside}</section>'


def _nothing(panel: dict[str, Any], *_: object) -> str:
    return f"<small>the stand-in draws no {escape(str(panel.get('type')))}</small>"


def _number(panel: dict[str, Any], source: Source, times: Times) -> str:
    defaults = _defaults(panel)
    found = [one for target in _targets(panel) for one in _now(source, target["expr"])]
    if not found:
        return f"<b>{escape(str(defaults.get('noValue', 'No data')))}</b>"
    value = float(found[0]["value"][1])
    said = escape(shown(value, str(defaults.get("unit", "short")), times.end))
    return f'<b style="color:{escape(colour(value, defaults))}">{said}</b>'


def _list(panel: dict[str, Any], source: Source, _: Times) -> str:
    hidden = _hidden(panel)
    found = [one["metric"] for target in _targets(panel) for one in _now(source, target["expr"])][:MOST]
    names = sorted({name for one in found for name in one} - hidden)
    if not found:
        return f"<small>{escape(str(_defaults(panel).get('noValue', 'No data')))}</small>"
    head = "".join(f"<th>{escape(name)}" for name in names)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(str(one.get(name, '')))}" for name in names) for one in found
    )
    return f"<table><tr>{head}{rows}</table>"


def _lines(panel: dict[str, Any], source: Source, times: Times) -> str:
    series = _series(panel, source, times)
    if not series:
        return f"<small>{escape(str(_defaults(panel).get('noValue', 'No data')))}</small>"
    legend = "".join(
        f'<span style="color:{PALETTE[number % len(PALETTE)]}">― {escape(one.name)}</span>'
        for number, one in enumerate(series)
    )
    return f'{draw_lines(series, times, _defaults(panel))}<div class="legend">{legend}</div>'


def _states(panel: dict[str, Any], source: Source, times: Times) -> str:
    series = _series(panel, source, times)
    return draw_states(series, times, _defaults(panel)) if series else "<small>No data</small>"


_DRAWN = {"stat": _number, "table": _list, "timeseries": _lines, "state-timeline": _states}


def _series(panel: dict[str, Any], source: Source, times: Times) -> list[Series]:
    fields = {"start": times.begin, "end": times.end, "step": times.step}
    return [
        Series(
            name=_named(str(target.get("legendFormat", "")), one["metric"]),
            points=tuple((float(at), float(value)) for at, value in one["values"]),
        )
        for target in _targets(panel)
        for one in query(source, "/api/v1/query_range", query=_asked(target["expr"]), **fields)
    ][:MOST]


def _deploys(board: Board, source: Source, begin: float, end: float) -> tuple[float, ...]:
    """The moments that the notes of a dashboard name by a series' value, in milliseconds."""
    found: set[float] = set()
    for note in (board.document.get("annotations") or {}).get("list") or []:
        if not note.get("useValueForTime") or not note.get("expr"):
            continue
        try:
            answer = query(source, "/api/v1/query_range", query=note["expr"], start=begin, end=end, step=60)
        except ValueError:
            continue
        found |= {float(value) / 1000 for one in answer for _, value in one["values"]}
    return tuple(sorted(found))


def _now(source: Source, expr: str) -> list[Mapping[str, Any]]:
    return query(source, "/api/v1/query", query=_asked(expr))


def _asked(expr: str) -> str:
    return expr.replace("$__rate_interval", "1m").replace("$__interval", "15s").replace("$__range", "6h")


def _named(legend: str, metric: Mapping[str, str]) -> str:
    said = _LABEL.sub(lambda found: metric.get(found[1], ""), legend).strip()
    return said or ", ".join(f"{name}={value}" for name, value in sorted(metric.items()))


def _targets(panel: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in panel.get("targets", []) if one.get("expr")]


def _defaults(panel: dict[str, Any]) -> dict[str, Any]:
    return dict((panel.get("fieldConfig") or {}).get("defaults") or {})


def _hidden(panel: dict[str, Any]) -> set[str]:
    return {
        name
        for one in panel.get("transformations", [])
        for name, is_hidden in (one.get("options") or {}).get("excludeByName", {}).items()
        if is_hidden
    }
