"""What is asked of a data source, as Grafana's own proxy asks it."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from grafana_stand_in.provisioning import Source

TIMEOUT = 30.0


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back, or why nothing did (502)."""

    status: int
    content_type: str
    body: bytes


def ask(source: Source, method: str, path: str, body: bytes = b"", content_type: str = "") -> Answer:
    """Asks ``source`` for ``path``, which has its query with it."""
    parts = urlsplit(source.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=TIMEOUT)
    headers = {"Content-Type": content_type} if content_type else {}
    try:
        connection.request(method, f"{parts.path}{path}", body=body or None, headers=headers)
        answer = connection.getresponse()
        said = answer.getheader("Content-Type") or "application/octet-stream"
        return Answer(status=answer.status, content_type=said, body=answer.read())
    except (OSError, http.client.HTTPException) as error:
        text = json.dumps({"message": f"{source.name} doesn't answer: {error or type(error).__name__}"})
        return Answer(status=502, content_type="application/json", body=text.encode())
    finally:
        connection.close()


def query(source: Source, path: str, **fields: Any) -> list[Mapping[str, Any]]:
    """The result of one question to Prometheus' API. Raises ValueError that says what came instead."""
    document = _document(source, f"{path}?{urlencode(fields)}")
    result = document["data"]["result"]
    # A number by itself has no list around it.
    if document["data"]["resultType"] == "scalar":
        return [{"metric": {}, "value": result}]
    return list(result)


def check_health(source: Source) -> str:
    """Asks ``source`` what Grafana asks one of its type, and says so in its words. Raises ValueError as ``query``."""
    if source.type == "prometheus":
        query(source, "/api/v1/query", query="1+1")
        return "Successfully queried the Prometheus API."
    if source.type == "jaeger":
        if not isinstance(_document(source, "/api/services").get("data"), list):
            raise ValueError("it names no services")
        return "Data source is working"
    raise ValueError(f"the stand-in asks no {source.type}")


def _document(source: Source, path: str) -> dict[str, Any]:
    answer = ask(source, "GET", path)
    try:
        document = json.loads(answer.body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise ValueError(f"status {answer.status}, and no JSON")
    if answer.status != 200:
        raise ValueError(str(document.get("error") or document.get("message") or answer.status))
    return document
