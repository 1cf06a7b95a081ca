"""What a service says about itself at /openapi.json, as the contract reads it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from tests.contract.first_party import FirstParty
from tests.contract.samples import Schema, resolve, sample

METHODS = ("get", "put", "post", "delete", "patch")
SCOPES = ("read", "write", "admin")
JSON = "application/json"
# An id that nothing has: whoever deletes it deletes nothing.
NOBODY = 2_000_000_011
FITTING = object()


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of one path."""

    service: FirstParty
    method: str
    template: str
    said: Mapping[str, Any]
    document: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.template}"

    @property
    def scope(self) -> str:
        """The scope that a key needs, as the kit writes it down."""
        found = str(self.said.get("x-scope"))
        assert found in SCOPES, f"{self}: its x-scope is {found}"
        return found

    @property
    def body(self) -> Schema | None:
        """The schema of its JSON body, if it takes one."""
        content = self.said.get("requestBody", {}).get("content", {})
        if JSON not in content:
            return None
        schemas = [content[JSON]["schema"], *content[JSON]["schema"].get("anyOf", ())]
        chosen = schemas[1] if self.may_be_null else schemas[0]
        return self._whole(chosen)

    @property
    def may_be_null(self) -> bool:
        """Whether null is as good as a body."""
        content = self.said.get("requestBody", {}).get("content", {})
        return {"type": "null"} in content.get(JSON, {}).get("schema", {}).get("anyOf", ())

    @property
    def query(self) -> dict[str, Schema]:
        """The schema of each query parameter."""
        return {one["name"]: one["schema"] for one in self._parameters("query")}

    @property
    def typed_fields(self) -> list[str]:
        """The fields of its body that are texts, numbers or lists, and nothing else."""
        kinds = {name: one.get("type") for name, one in (self.body or {}).get("properties", {}).items()}
        return [name for name, kind in kinds.items() if kind in ("string", "integer", "number", "array")]

    def sample_body(self) -> Any:
        """The smallest body that fits."""
        return sample(self.body, self.document) if self.body else None

    def path(self, **query: object) -> str:
        """Its path at the door, with values for what must be given and ``query`` beside them."""
        values = {one["name"]: self._for_path(one["schema"]) for one in self._parameters("path")}
        needed = {
            one["name"]: sample(one["schema"], self.document)
            for one in self._parameters("query")
            if one.get("required")
        }
        path = self.template
        for name, value in values.items():
            path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
        asked = urlencode({**needed, **query})
        return f"{self.service.prefix}{path}{'?' if asked else ''}{asked}"

    def is_at(self, path: str) -> bool:
        """Whether its template covers that path of the door."""
        whole = re.escape(self.service.prefix + self.template)
        found = re.fullmatch(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", whole), path)
        patterns = {one["name"]: one["schema"].get("pattern", "") for one in self._parameters("path")}
        return found is not None and all(
            re.search(patterns[name], value) for name, value in found.groupdict().items()
        )

    def ask(self, client: httpx.Client, body: Any = FITTING, **query: object) -> httpx.Response:
        """The answer to the smallest request that fits, or to one with another body."""
        if self.body is None:
            return client.request(self.method, self.path(**query))
        given = self.sample_body() if body is FITTING else body
        content = given if isinstance(given, bytes) else json.dumps(given).encode()
        headers = {"Content-Type": JSON}
        return client.request(self.method, self.path(**query), headers=headers, content=content)

    def _for_path(self, schema: Schema) -> Any:
        if schema.get("type") == "integer":
            return min(NOBODY, schema.get("maximum", NOBODY))
        return sample(schema, self.document)

    def _parameters(self, place: str) -> list[Mapping[str, Any]]:
        every = [self._whole(one) for one in self.said.get("parameters", ())]
        return [one for one in every if one["in"] == place]

    def _whole(self, said: Mapping[str, Any]) -> Mapping[str, Any]:
        return resolve(said["$ref"], self.document) if "$ref" in said else said


@dataclass(frozen=True, kw_only=True)
class Api:
    """One service's document and its operations."""

    service: FirstParty
    document: Mapping[str, Any]
    operations: tuple[Operation, ...]

    @property
    def with_body(self) -> list[Operation]:
        """The operations that take JSON."""
        return [one for one in self.operations if one.body]

    def methods(self, path: str) -> set[str]:
        """The methods of whatever is at one path of the door."""
        return {one.method for one in self.operations if one.is_at(path)}

    @property
    def paths(self) -> list[str]:
        """A path at the door for each template."""
        return sorted({one.path().partition("?")[0] for one in self.operations})


def load_api(service: FirstParty, client: httpx.Client) -> Api:
    """What the service answers through the door. Raises AssertionError when it describes nothing."""
    answer = client.get(f"{service.prefix}/openapi.json")
    assert answer.status_code == 200, f"{service} describes itself nowhere: {answer.status_code}"
    document = answer.json()
    assert document["openapi"].startswith("3."), document["openapi"]
    operations = tuple(
        Operation(service=service, method=method.upper(), template=path, said=said, document=document)
        for path, item in document["paths"].items()
        for method, said in item.items()
        if method in METHODS
    )
    assert operations, f"{service} describes no operation"
    return Api(service=service, document=document, operations=operations)
