"""What the stand-in reads of Jaeger's own configuration file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Address = tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class Config:
    """Where it listens, and how many traces it keeps."""

    otlp: Address
    query: Address
    health: Address
    metrics: Address
    max_traces: int


def read_config(path: Path) -> Config:
    """Reads the YAML file; keys that the stand-in has no use for are passed over.

    Raises ValueError, naming the key, for one that is missing or faulty, and OSError when the file can't be read.
    """
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    backend = _at(document, "extensions", "jaeger_query", "storage", "traces")
    store = _at(document, "extensions", "jaeger_storage", "backends", backend, "memory", "max_traces")
    (reader, *_) = _at(document, "service", "telemetry", "metrics", "readers")
    exporter = _at(reader, "pull", "exporter", "prometheus")
    return Config(
        otlp=_address(_at(document, "receivers", "otlp", "protocols", "http", "endpoint")),
        query=_address(_at(document, "extensions", "jaeger_query", "http", "endpoint")),
        health=_address(_at(document, "extensions", "healthcheckv2", "http", "endpoint")),
        metrics=(str(_at(exporter, "host")), int(_at(exporter, "port"))),
        max_traces=int(store),
    )


def _at(document: Any, *keys: str) -> Any:
    found = document
    for number, key in enumerate(keys, 1):
        if not isinstance(found, dict) or key not in found:
            raise ValueError(f"{'.'.join(keys[:number])} is missing")
        found = found[key]
    return found


def _address(endpoint: object) -> Address:
    host, _, port = str(endpoint).rpartition(":")
    if not port.isdigit():
        raise ValueError(f"{endpoint!r} is not HOST:PORT")
    return host, int(port)
