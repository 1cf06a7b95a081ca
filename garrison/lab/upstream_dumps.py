"""Stand-ins for the dumps of nixpkgs and NixOS: their formats, with what Debian knows in them."""

import json
import re
from collections.abc import Iterator
from typing import Any

_SETTING = re.compile(r'^\.IP "\\\(bu" 3\n\.UR #conf-(?P<name>\S+)\n', re.MULTILINE)
_DEFAULT = re.compile(r"^Default: *(?P<value>.*)$", re.MULTILINE)
_FONT = re.compile(r"\\f(?:\(..|\[[^\]]*\]|.)")
_NAMED = {
    r"\(bu": "*",
    r"\(ti": "~",
    r"\(dq": '"',
    r"\(lq": "“",
    r"\(rq": "”",
    r"\&": "",
    r"\-": "-",
    r"\c": "",
}


def make_packages(available: str) -> bytes:
    """``packages.json`` of the stanzas that ``apt-cache dumpavail`` prints."""
    packages = dict(sorted(_packages(available)))
    return _dump({"version": 2, "packages": packages})


def _packages(available: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for stanza in available.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in stanza.split("\n") if ": " in line and line[0] != " ")
        if "Package" in fields:
            meta = {"description": fields.get("Description", "")}
            if homepage := fields.get("Homepage"):
                meta["homepage"] = homepage
            name = fields["Package"]
            yield name, {"pname": name, "version": fields.get("Version", ""), "meta": meta}


def make_options(manual: str) -> bytes:
    """``options.json`` of the settings that nix.conf(5), in the roff of Nix's manual, describes."""
    starts = list(_SETTING.finditer(manual))
    ends = [*(one.start() for one in starts[1:]), len(manual)]
    options = {
        f"nix.settings.{one['name']}": _option(manual[one.end() : end])
        for one, end in zip(starts, ends, strict=True)
    }
    return _dump(dict(sorted(options.items())))


def _option(text: str) -> dict[str, Any]:
    said = _plain(text.partition("\n.UE\n")[2])
    found = _DEFAULT.search(said)
    default = found["value"].strip() if found else ""
    kind = "boolean" if default in ("true", "false") else "integer" if default.isdigit() else "string"
    return {
        "description": (said[: found.start()] if found else said).strip(),
        "type": kind,
        "default": {
            "_type": "literalExpression",
            "text": default if kind != "string" else json.dumps(default),
        },
        "declarations": ["nix.conf(5)"],
        "readOnly": False,
    }


def _plain(roff: str) -> str:
    """Text without requests: a paragraph for each that begins one."""
    lines = []
    for line in roff.split("\n"):
        if line.startswith((".IP", ".PP", ".LP")):
            lines.append("\n")
        elif not line.startswith("."):
            lines.append(_FONT.sub("", line))
    text = "\n".join(lines)
    for escape, plain in _NAMED.items():
        text = text.replace(escape, plain)
    return re.sub(r"\n{3,}", "\n\n", text)


def _dump(document: dict[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
