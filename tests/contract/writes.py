"""Things that clients store, for each service that keeps any."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from tests.contract.first_party import FirstParty
from tests.contract.said import Storing

_numbers: Iterator[int] = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Something that nobody has stored before in this run."""

    method: str
    path: str
    body: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Store:
    """How one service takes things in, gives them out and removes them."""

    service: FirstParty
    said: Storing

    def __str__(self) -> str:
        return self.service.name

    def draft(self) -> Draft:
        """Something new."""
        number = str(next(_numbers))
        method, path = self.said.write.replace("NUMBER", number).split()
        body = json.loads(json.dumps(self.said.body).replace("NUMBER", number))
        return Draft(method=method, path=self.service.prefix + path, body=body)

    def send(self, client: httpx.Client, draft: Draft) -> httpx.Response:
        """The answer to storing this."""
        return client.request(draft.method, draft.path, json=draft.body)

    def key_of(self, answer: httpx.Response) -> str:
        """What stands for the thing that was stored."""
        return str(answer.json()[self.said.id])

    def is_there(self, client: httpx.Client, key: str) -> bool:
        """Whether it is found."""
        answer = self._at(client, self.said.found, key)
        assert answer.status_code in (200, 404), answer.text
        return answer.status_code == 200

    def clear(self, client: httpx.Client, keys: set[str]) -> None:
        """Remove these, where the service can."""
        if self.said.remove:
            for key in keys:
                self._at(client, self.said.remove, key)

    def _at(self, client: httpx.Client, operation: str, key: str) -> httpx.Response:
        method, path = operation.replace("ID", key).split()
        return client.request(method, self.service.prefix + path)


def store_of(service: FirstParty) -> Store | None:
    """How to store something there; None where clients store nothing."""
    said = service.said.store
    return Store(service=service, said=said) if said else None
