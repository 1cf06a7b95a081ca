"""Things that clients store, as data/writes.yaml describes them for each service that keeps any."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.contract.first_party import FirstParty

DATA = yaml.safe_load((Path(__file__).parent / "data" / "writes.yaml").read_text())
_numbers: Iterator[int] = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Store:
    """How one service takes things in, gives them out and removes them."""

    service: FirstParty
    write: str
    body: dict[str, Any]
    found: str
    remove: str | None = None
    is_one_document: bool = False

    def new_body(self) -> dict[str, Any]:
        """A body that nobody has sent before in this run."""
        body: dict[str, Any] = json.loads(json.dumps(self.body).replace("NUMBER", str(next(_numbers))))
        return body

    def send(self, client: httpx.Client, body: dict[str, Any]) -> httpx.Response:
        """The answer to storing this."""
        method, path = self.write.split()
        return client.request(method, self.service.prefix + path, json=body)

    def is_there(self, client: httpx.Client, key: str) -> bool:
        """Whether what was stored under that id is found."""
        answer = self._at(client, self.found, key)
        assert answer.status_code in (200, 404), answer.text
        return answer.status_code == 200

    def clear(self, client: httpx.Client, keys: set[str]) -> None:
        """Remove these, where the service can."""
        if self.remove:
            for key in keys:
                self._at(client, self.remove, key)

    def _at(self, client: httpx.Client, operation: str, key: str) -> httpx.Response:
        method, path = operation.replace("ID", key).split()
        return client.request(method, self.service.prefix + path)


def store_of(service: FirstParty) -> Store | None:
    """How to store something there; None where clients store nothing."""
    return Store(service=service, **DATA[service.name]) if service.name in DATA else None


def key_of(answer: httpx.Response) -> str:
    """The id of what was stored."""
    return str(answer.json()["id"])
