"""Reads the dumps of nixpkgs and NixOS: packages.json and options.json."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from nixos_docs.fetch.errors import PackError
from nixos_docs.reading.page import printable

_MUCH = 20_000


class Entry(NamedTuple):
    """One package or option, as the index holds it."""

    name: str
    alias: str
    description: str
    detail: str


def read_packages(data: bytes) -> Iterator[Entry]:
    """The packages of ``{"packages": {ATTRIBUTE: {pname, version, meta: {…}}}}``. Raises PackError otherwise."""
    document = _load(data)
    packages = document.get("packages") if isinstance(document, dict) else None
    return _entries(packages, _package, "no dump of packages: it lacks an object 'packages'")


def read_options(data: bytes) -> Iterator[Entry]:
    """The options of ``{NAME: {description, type, default, example, declarations}}``. Raises PackError as above."""
    document = _load(data)
    if isinstance(document, dict) and set(document) == {"options"}:
        document = document["options"]
    return _entries(document, _option, "no dump of options: it is not an object of options")


def _load(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise PackError("the dump is no JSON") from error


def _entries(found: Any, make: Callable[[str, Mapping[str, Any]], Entry], fault: str) -> Iterator[Entry]:
    if not isinstance(found, dict):
        raise PackError(fault)
    return (make(_text(name), record) for name, record in found.items() if isinstance(record, dict))


def _package(attribute: str, record: Mapping[str, Any]) -> Entry:
    meta = record.get("meta") if isinstance(record.get("meta"), dict) else {}
    assert isinstance(meta, dict)  # noqa: S101 - just made sure
    pname = _text(record.get("pname") or record.get("name") or attribute.rpartition(".")[2])
    detail = {
        "version": _text(record.get("version")),
        "homepage": list(_texts(meta.get("homepage"))),
        "license": list(_licenses(meta.get("license"))),
        "long_description": _text(meta.get("longDescription")),
        "broken": meta.get("broken") is True,
        "unfree": meta.get("unfree") is True,
        "insecure": meta.get("insecure") is True,
    }
    return Entry(attribute, pname, _text(meta.get("description")), json.dumps(detail))


def _option(name: str, record: Mapping[str, Any]) -> Entry:
    detail = {
        "type": _text(record.get("type")),
        "default": _expression(record.get("default")),
        "example": _expression(record.get("example")),
        "declarations": list(_declarations(record.get("declarations"))),
        "read_only": record.get("readOnly") is True,
    }
    return Entry(
        name, name.rpartition(".")[2], _text(_expression(record.get("description"))), json.dumps(detail)
    )


def _text(value: Any) -> str:
    """Text that can be stored and sent, at most so much of it; nothing for what is no text."""
    return printable(value)[:_MUCH].strip() if isinstance(value, str) else ""


def _texts(value: Any) -> Iterator[str]:
    yield from filter(None, map(_text, value if isinstance(value, list) else [value]))


def _licenses(value: Any) -> Iterator[str]:
    many: Iterable[Any] = value if isinstance(value, list) else [value]
    for one in many:
        name = (
            one.get("spdxId") or one.get("fullName") or one.get("shortName") if isinstance(one, dict) else one
        )
        if text := _text(name):
            yield text


def _expression(value: Any) -> str | None:
    """The text of a value, whether bare or wrapped as ``{"_type": …, "text": …}``; None where there is none."""
    if value is None:
        return None
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        return _text(value["text"])
    return _text(value) if isinstance(value, str) else _text(json.dumps(value, ensure_ascii=False))


def _declarations(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else ():
        yield from _texts((one.get("url") or one.get("name")) if isinstance(one, dict) else one)
