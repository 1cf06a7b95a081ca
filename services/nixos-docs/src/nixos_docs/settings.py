"""What a deployment can set: by environment variables named ``NIXOS_DOCS_*``."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

PREFIX = "NIXOS_DOCS_"
MEBIBYTE = 1024 * 1024


class Settings(BaseModel):
    """Defaults are those of the stack; a misspelt one stops the service."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = "0.0.0.0"  # noqa: S104 - the container's own networks decide who can reach it
    port: Annotated[int, Field(ge=1, le=65535)] = 8094
    data_dir: Path = Path("/data")
    packs_file: Path = Path("/etc/garrison/packs.json")
    extra_ca_file: Path | None = None
    search_threads: Annotated[int, Field(ge=1, le=32)] = 4
    search_seconds: Annotated[float, Field(gt=0, le=60)] = 5.0
    sync_seconds: Annotated[float, Field(gt=0, le=3600)] = 240.0
    """How long fetching and indexing one pack may take."""
    stall_seconds: Annotated[float, Field(gt=0, le=300)] = 20.0
    """How long upstream may say nothing."""
    retry_seconds: Annotated[float, Field(gt=0, le=3600)] = 5.0
    """The first pause before a pack that was never synced is tried again; it doubles up to 10 minutes."""
    max_download: Annotated[int, Field(ge=1)] = 512 * MEBIBYTE
    max_unpacked: Annotated[int, Field(ge=1)] = 2048 * MEBIBYTE
    max_ratio: Annotated[int, Field(ge=2)] = 100
    """How many times its own size an archive may unpack to (16 MiB are always allowed)."""
    max_files: Annotated[int, Field(ge=1)] = 200_000
    max_page: Annotated[int, Field(ge=1)] = 8 * MEBIBYTE
    max_dump: Annotated[int, Field(ge=1)] = 512 * MEBIBYTE
    max_memory: Annotated[int, Field(ge=256 * MEBIBYTE)] = 1536 * MEBIBYTE
    """Address space of the process that fetches and indexes."""
    shutdown_patience: Annotated[int, Field(ge=1, le=300)] = 20
    clients_file: Path = Path("/run/clients/clients.json")
    log_level: Annotated[str, Field(pattern=r"^(DEBUG|INFO|WARNING|ERROR)$")] = "INFO"
