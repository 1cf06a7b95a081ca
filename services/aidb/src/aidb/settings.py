"""What a deployment can set: by environment variables named ``AIDB_*``; secrets only by file."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

PREFIX = "AIDB_"
Seconds = Annotated[float, Field(gt=0, le=3600)]


def _http_url(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError("must start with http:// or https://")
    return url.rstrip("/")


_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[0-9]{1,5})?")


def _split_hosts(text: object) -> object:
    if not isinstance(text, str):
        return text
    hosts = frozenset(host.strip().lower().removesuffix(":443") for host in text.split(",") if host.strip())
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise ValueError("must be host names between commas, such as docs.example.org,example.com:8443")
    return hosts


class Settings(BaseModel):
    """Defaults are those of the stack; a misspelt one stops the service."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = "0.0.0.0"  # noqa: S104 - the container's own networks decide who can reach it
    port: Annotated[int, Field(ge=1, le=65535)] = 8091
    postgres_host: str = "postgres"
    postgres_port: Annotated[int, Field(ge=1, le=65535)] = 5432
    postgres_database: str = "aidb"
    postgres_user: str = "aidb"
    postgres_pool: Annotated[int, Field(ge=1, le=100)] = 10
    redis_host: str = "redis"
    redis_port: Annotated[int, Field(ge=1, le=65535)] = 6379
    redis_user: str = "aidb"
    embeddings_url: Annotated[str, AfterValidator(_http_url)] = "http://embeddings:8081"
    embeddings_batch: Annotated[int, Field(ge=1, le=256)] = 32
    embeddings_timeout: Seconds = 120.0
    read_patience: Seconds = 10.0
    write_patience: Seconds = 90.0
    import_hosts: Annotated[frozenset[str], BeforeValidator(_split_hosts)] = frozenset()
    """Hosts that content may be fetched from, between commas; none switches fetching off."""
    telemetry_days: Annotated[int, Field(ge=1, le=3650)] = 30
    telemetry_rows: Annotated[int, Field(ge=1000, le=10_000_000)] = 200_000
    rate: Annotated[float, Field(gt=0, le=1_000_000)] = 200.0
    """Requests a second that one client may make, with twice as many in a burst."""
    request_patience: Seconds = 290.0
    cache_lifetime: Annotated[int, Field(ge=1, le=30 * 86400)] = 86400
    exact_limit: Annotated[int, Field(ge=0, le=1_000_000)] = 5000
    """Up to so many chunks behind the filters, a search compares all of them; beyond, it asks the HNSW index."""
    startup_patience: Seconds = 600.0
    shutdown_patience: Annotated[int, Field(ge=1, le=300)] = 20
    secrets_dir: Path = Path("/run/secrets")
    clients_file: Path = Path("/run/clients/clients.json")
    log_level: Annotated[str, Field(pattern=r"^(DEBUG|INFO|WARNING|ERROR)$")] = "INFO"
