"""What Grafana is given as files: data sources, and providers of dashboards with the dashboards themselves."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Document = dict[str, Any]
# Data sources that Grafana has by itself.
BUILT_IN = frozenset({"-- Grafana --", "-- Mixed --", "-- Dashboard --"})


class ProvisioningError(ValueError):
    """A file that can't be what it should be; its text names the file."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A data source, with its number in the order of the files."""

    id: int
    uid: str
    name: str
    type: str
    url: str
    is_default: bool
    json_data: Document


@dataclass(frozen=True, kw_only=True)
class Board:
    """A dashboard, with its number, and the folder of its provider."""

    id: int
    uid: str
    title: str
    folder: str
    folder_uid: str
    document: Document


def load_sources(provisioning: Path) -> tuple[Source, ...]:
    """The data sources in ``datasources/*.yaml``. Raises ProvisioningError for a file that is none."""
    entries = _entries(provisioning / "datasources", "datasources", ("name", "uid", "type", "url"))
    _check_ways_to_traces(entries)
    return tuple(
        Source(
            id=number,
            uid=one["uid"],
            name=one["name"],
            type=one["type"],
            url=str(one["url"]).rstrip("/"),
            is_default=bool(one.get("isDefault")),
            json_data=dict(one.get("jsonData") or {}),
        )
        for number, (_, one) in enumerate(entries, start=1)
    )


def load_boards(provisioning: Path, sources: tuple[Source, ...]) -> tuple[Board, ...]:
    """Every dashboard of the providers in ``dashboards/*.yaml``. Raises ProvisioningError for what is broken."""
    found: dict[str, Board] = {}
    known = {source.uid for source in sources}
    for path, provider in _entries(provisioning / "dashboards", "providers", ("name", "options")):
        folder = Path(str((provider["options"] or {}).get("path", "")))
        files = sorted(folder.glob("*.json"))
        if not files:
            raise ProvisioningError(f"{path}: there is no dashboard in {folder}")
        for file in files:
            document = _dashboard(file, known)
            if document["uid"] in found:
                raise ProvisioningError(f"{file}: another dashboard has the uid {document['uid']!r}")
            found[document["uid"]] = Board(
                id=len(found) + 1,
                uid=document["uid"],
                title=document["title"],
                folder=str(provider.get("folder", "")),
                folder_uid=str(provider.get("folderUid", "")),
                document=document,
            )
    return tuple(found.values())


def _entries(folder: Path, key: str, wanted: tuple[str, ...]) -> list[tuple[Path, Document]]:
    found = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            document = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise ProvisioningError(f"{path}: {error}") from None
        if not isinstance(document, dict) or document.get("apiVersion") != 1:
            raise ProvisioningError(f"{path}: apiVersion should be 1")
        for entry in document.get(key) or []:
            missing = [name for name in wanted if not isinstance(entry, dict) or name not in entry]
            if missing:
                raise ProvisioningError(f"{path}: an entry of {key} has no {missing[0]}")
            found.append((path, entry))
    if not found:
        raise ProvisioningError(f"{folder}: no file has {key}")
    return found


def _check_ways_to_traces(entries: list[tuple[Path, Document]]) -> None:
    """A way from an exemplar names the label that has the trace, and a data source that there is."""
    known = {one["uid"] for _, one in entries}
    for path, one in entries:
        for way in (one.get("jsonData") or {}).get("exemplarTraceIdDestinations") or []:
            if not way.get("name") or way.get("datasourceUid") not in known:
                raise ProvisioningError(
                    f"{path}: {one['name']} leads from an exemplar's {way.get('name')!r} to "
                    f"{way.get('datasourceUid')!r}, which is no label and data source"
                )


def _dashboard(path: Path, sources: set[str]) -> Document:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ProvisioningError(f"{path}: {error}") from None
    if not isinstance(document, dict) or not document.get("title") or not document.get("uid"):
        raise ProvisioningError(f"{path}: a dashboard has a title and a uid")
    if not isinstance(document.get("panels"), list):
        raise ProvisioningError(f"{path}: there is no list of panels")
    for uid, name in _asked(document["panels"] + _list(document, "annotations")):
        if uid not in sources and uid not in BUILT_IN and not uid.startswith("$"):
            raise ProvisioningError(f"{path}: {name!r} asks {uid!r}, which is no data source")
    return document


def _asked(parts: list[Document]) -> Iterator[tuple[str, str]]:
    """The uid of each data source that something asks, with what that is called."""
    for part in parts:
        name = str(part.get("title") or part.get("name"))
        for one in (part, *part.get("targets", [])):
            source = one.get("datasource")
            uid = source.get("uid") if isinstance(source, dict) else source
            if uid:
                yield str(uid), name
        yield from _asked(part.get("panels", []))


def _list(document: Document, key: str) -> list[Document]:
    return list((document.get(key) or {}).get("list") or [])
