"""Colours and line styles, for a light and a dark page."""

from garrison.docs.picture.boxes import SIZES, Style
from garrison.docs.picture.graph import Way

_LIGHT = {
    "ground": "#ffffff",
    "host": "#f4f7fa",
    "edge": "#9aa8b6",
    "text": "#14212e",
    "soft": "#4a5865",
    "box": "#ffffff",
    "own": "#e3effb",
    "own-edge": "#2f6fb0",
    "door": "#1f3a5f",
    "door-text": "#ffffff",
    "reached": "#1d5c93",
    "entry": "#5b6875",
    "route": "#3f86cf",
    "need": "#2b7a4b",
    "egress": "#c2571a",
}
_DARK = {
    "ground": "#0e141b",
    "host": "#151d26",
    "edge": "#56657a",
    "text": "#e8eef4",
    "soft": "#aab7c4",
    "box": "#1c2631",
    "own": "#17324e",
    "own-edge": "#6aa9e6",
    "door": "#d5e5f7",
    "door-text": "#10233a",
    "reached": "#8fc4f5",
    "entry": "#9aa8b6",
    "route": "#5b9fe6",
    "need": "#5cbf85",
    "egress": "#f0904f",
}


def _variables(colours: dict[str, str]) -> str:
    return "svg{" + "".join(f"--{name}:{colour};" for name, colour in colours.items()) + "}"


STYLE = "\n".join(
    [
        "",
        _variables(_LIGHT),
        f"@media (prefers-color-scheme:dark){{{_variables(_DARK)}}}",
        "text{font-family:system-ui,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;fill:var(--text)}",
        f".heading{{font-size:{SIZES[Style.HEADING]:g}px;font-weight:600}}",
        f".title{{font-size:{SIZES[Style.TITLE]:g}px;fill:var(--soft)}}",
        f".reached{{font-size:{SIZES[Style.REACHED]:g}px;fill:var(--reached)}}",
        f".loopback{{font-size:{SIZES[Style.LOOPBACK]:g}px;fill:var(--reached)}}",
        ".ground{fill:var(--ground)}",
        ".host{fill:var(--host);stroke:var(--edge);stroke-dasharray:6 4}",
        ".box rect{fill:var(--box);stroke:var(--edge);stroke-width:1.2}",
        ".own rect{fill:var(--own);stroke:var(--own-edge);stroke-width:1.6}",
        ".door rect{fill:var(--door);stroke:var(--door)}.door text{fill:var(--door-text)}",
        "svg .pill{fill:none;stroke:var(--reached);stroke-width:1}",
        ".outside rect{fill:none;stroke-dasharray:3 3}",
        ".link path{fill:none}.halo{stroke:var(--host);stroke-width:5}.way{stroke-width:1.8}",
        ".entry .halo{stroke:none}",
        *(f".{way} .way{{stroke:var(--{way})}} #{way} path{{fill:var(--{way})}}" for way in Way),
        ".egress .way{stroke-dasharray:6 4}",
        "",
    ]
)
TIPS = "".join(
    f'<marker id="{way}" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto" '
    'markerUnits="userSpaceOnUse"><path d="M0,0 L8,4 L0,8 z"/></marker>'
    for way in Way
)
