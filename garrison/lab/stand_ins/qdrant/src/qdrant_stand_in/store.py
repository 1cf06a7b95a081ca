"""All collections and aliases, and the folder that they are kept in."""

import json
import logging
import os
import shutil
import threading
import urllib.parse
import uuid
from pathlib import Path
from typing import Any

import qdrant_edge as edge

from qdrant_stand_in.collection import Collection
from qdrant_stand_in.errors import ConflictError, InputError, NotFoundError, of_engine
from qdrant_stand_in.reading import Body, mapping
from qdrant_stand_in.vectors import shard_config

_SAID, _SHARD, _GONE = "collection.json", "shard", ".gone-"
_FORBIDDEN = frozenset('<>:"/\\|?*\0\x1f')
_LONGEST = 255
log = logging.getLogger("qdrant_stand_in")


def write_json(path: Path, document: Any) -> None:
    """Writes ``document`` so that a crash leaves the old file or the new one, on the disk itself."""
    new = path.with_name(f"{path.name}.new")
    with new.open("w", encoding="utf-8") as file:
        json.dump(document, file)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class Store:
    """Apart from the storage of a real Qdrant, in a folder of its own, so that neither reads the other's."""

    def __init__(self, storage: Path) -> None:
        self._top = storage / "stand-in"
        self._folder = self._top / "collections"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._collections: dict[str, Collection] = {}
        self._said: dict[str, dict[str, Any]] = {}
        self._aliases: dict[str, str] = self._load_aliases()
        for folder in sorted(self._folder.iterdir()):
            self._load(folder)

    def _load_aliases(self) -> dict[str, str]:
        path = self._top / "aliases.json"
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}

    def _load(self, folder: Path) -> None:
        if folder.name.startswith(_GONE) or not (folder / _SAID).exists():
            # A crash came before its making was answered, or after its end was.
            shutil.rmtree(folder)
            return
        name = urllib.parse.unquote(folder.name)
        self._said[name] = json.loads((folder / _SAID).read_text(encoding="utf-8"))
        self._collections[name] = Collection(name, edge.EdgeShard.load(str(folder / _SHARD)))
        log.info("collection %s is loaded", name)

    def names(self) -> list[str]:
        """Every collection, by name."""
        with self._lock:
            return sorted(self._collections)

    def get(self, name: str) -> Collection:
        """The collection of that name or alias. Raises NotFoundError."""
        with self._lock:
            found = self._collections.get(self._aliases.get(name, name))
        if found is None:
            raise NotFoundError(f"Collection `{name}` doesn't exist!")
        return found

    def said(self, name: str) -> dict[str, Any]:
        """The body of the request that made the collection, with later changes. Raises NotFoundError."""
        with self._lock:
            return self._said[self.get(name).name]

    def exists(self, name: str) -> bool:
        """Whether a collection or an alias has that name."""
        with self._lock:
            return self._aliases.get(name, name) in self._collections

    def create(self, name: str, body: Body) -> None:
        """Makes a collection. Raises QdrantError."""
        _check_name(name)
        config = shard_config(body)
        with self._lock:
            if name in self._aliases or name in self._collections:
                raise ConflictError(f"Collection `{name}` already exists!")
            folder = self._folder_of(name)
            shutil.rmtree(folder, ignore_errors=True)
            (folder / _SHARD).mkdir(parents=True)
            try:
                shard = edge.EdgeShard.create(str(folder / _SHARD), config)
            except Exception as error:
                raise of_engine(error) from error
            shard.flush()
            write_json(folder / _SAID, dict(body))
            self._said[name] = dict(body)
            self._collections[name] = Collection(name, shard)

    def change(self, name: str, body: Body) -> None:
        """Merges into what was said of the collection, key by key. Raises QdrantError."""
        with self._lock:
            real = self.get(name).name
            said = dict(self._said[real])
            for key, value in body.items():
                old = said.get(key)
                merge = isinstance(old, dict) and isinstance(value, dict) and key != "vectors"
                said[key] = {**old, **value} if merge and old else value
            if "vectors" in body:
                said["vectors"] = self._said[real].get("vectors")
            write_json(self._folder_of(real) / _SAID, said)
            self._said[real] = said

    def delete(self, name: str) -> bool:
        """Removes a collection with its aliases; False if there was none."""
        with self._lock:
            collection = self._collections.pop(name, None)
            if collection is None:
                return False
            collection.close()
            gone = self._folder / f"{_GONE}{uuid.uuid4()}"
            self._folder_of(name).rename(gone)
            self._said.pop(name)
            self._keep_aliases({alias: to for alias, to in self._aliases.items() if to != name})
        shutil.rmtree(gone)
        return True

    def aliases(self) -> dict[str, str]:
        """Every alias and the collection that it stands for."""
        with self._lock:
            return dict(self._aliases)

    def change_aliases(self, actions: list[Any]) -> None:
        """Makes all of the changes or none. Raises QdrantError."""
        with self._lock:
            changed = dict(self._aliases)
            for action in actions:
                for kind, said in mapping(action, "action").items():
                    self._change_alias(changed, kind, mapping(said, kind))
            self._keep_aliases(changed)

    def _change_alias(self, aliases: dict[str, str], kind: str, said: Body) -> None:
        if kind == "create_alias":
            collection, alias = str(said.get("collection_name")), str(said.get("alias_name"))
            if alias in self._collections:
                raise ConflictError(f"Collection `{alias}` already exists!")
            if collection not in self._collections:
                raise NotFoundError(f"Collection `{collection}` doesn't exist!")
            aliases[alias] = collection
        elif kind == "delete_alias":
            aliases.pop(str(said.get("alias_name")), None)
        elif kind == "rename_alias":
            old = str(said.get("old_alias_name"))
            if old not in aliases:
                raise NotFoundError(f"Alias {old} does not exists!")
            aliases[str(said.get("new_alias_name"))] = aliases.pop(old)
        else:
            raise InputError(f"unknown action {kind}")

    def _keep_aliases(self, aliases: dict[str, str]) -> None:
        if aliases != self._aliases:
            write_json(self._top / "aliases.json", aliases)
            self._aliases = aliases

    def flush(self) -> None:
        """Puts every change on the disk."""
        for name in self.names():
            try:
                self.get(name).flush()
            except NotFoundError:
                continue

    def close(self) -> None:
        """Closes every collection; the store can't be used afterwards."""
        with self._lock:
            for collection in self._collections.values():
                collection.close()

    def _folder_of(self, name: str) -> Path:
        # A name may hold dots and begin with one; percent-encoded, none is a path or one of ours.
        return self._folder / urllib.parse.quote(name, safe="").replace(".", "%2E")


def _check_name(name: str) -> None:
    bad = sorted(_FORBIDDEN.intersection(name))
    if not name or len(name.encode()) > _LONGEST:
        raise InputError(f"collection name cannot be empty or longer than {_LONGEST} bytes")
    if bad:
        raise InputError(f"collection name cannot contain {bad[0]!r} char")
