"""What the stand-in reads of Qdrant's own configuration file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings that the stand-in heeds, under Qdrant's names and with its defaults."""

    api_key: str | None
    alt_api_key: str | None
    read_only_api_key: str | None
    host: str
    http_port: int
    storage_path: Path
    max_request_size: int
    flush_interval: float
    log_level: str


def read_config(path: Path) -> Config:
    """Reads the YAML file; keys that the stand-in has no use for are passed over, as Qdrant does.

    Raises ValueError for what is not such a file and for a key that isn't text, OSError when it can't be read.
    """
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(document, dict):
        raise ValueError(f"{path} is not a mapping; write service: and storage: with their settings")
    service, storage = _part(document, "service"), _part(document, "storage")
    return Config(
        api_key=_key(path, service, "api_key"),
        alt_api_key=_key(path, service, "alt_api_key"),
        read_only_api_key=_key(path, service, "read_only_api_key"),
        host=str(service.get("host", "0.0.0.0")),  # noqa: S104 - Qdrant's default; the container decides
        http_port=int(service.get("http_port", 6333)),
        storage_path=Path(storage.get("storage_path", "./storage")),
        max_request_size=int(service.get("max_request_size_mb", 32)) * 1024**2,
        flush_interval=float(_part(storage, "optimizers").get("flush_interval_sec", 5)),
        log_level=str(document.get("log_level", "INFO")).upper(),
    )


def _key(path: Path, service: dict[str, Any], name: str) -> str | None:
    key = service.get(name)
    if key is not None and (not isinstance(key, str) or not key):
        raise ValueError(f"{path}: service.{name} should be text")
    return key


def _part(document: dict[str, Any], name: str) -> dict[str, Any]:
    found = document.get(name) or {}
    if not isinstance(found, dict):
        raise ValueError(f"{name} should be a mapping")
    return found
