"""What a host can set, as EMBEDDINGS_<NAME>; the defaults fit two cores."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

PREFIX = "EMBEDDINGS_"
Count = Annotated[int, Field(ge=1, le=100_000)]


class Settings(BaseModel):
    """Where it listens, how it runs the model, and what it refuses.

    ``max_inputs`` is 256 (the predecessor's 32 made importers send eight requests for one document);
    a request's deadline, not its count of texts, bounds its cost.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = "0.0.0.0"  # noqa: S104 - inside the container; the host publishes it on loopback only
    port: Annotated[int, Field(ge=0, le=65535)] = 8081
    model_dir: Path = Path("/models")
    clients_file: Path = Path("/run/clients/clients.json")
    secrets_dir: Path = Path("/run/secrets")
    log_level: Annotated[str, Field(pattern="^(DEBUG|INFO|WARNING|ERROR)$")] = "INFO"

    model_threads: Annotated[int, Field(ge=1, le=256)] = 2
    max_concurrent: Annotated[int, Field(ge=1, le=256)] = 48
    # Every service asks here on behalf of its clients; what bounds the work is the queue.
    rate: Annotated[float, Field(gt=0)] = 1000.0
    burst: Count = 2000
    batch_texts: Annotated[int, Field(ge=1, le=1024)] = 32
    queue_texts: Count = 1024
    deadline_seconds: Annotated[float, Field(gt=0, le=600)] = 30.0

    max_inputs: Annotated[int, Field(ge=1, le=4096)] = 256
    max_characters: Count = 10_000
    max_body: Annotated[int, Field(ge=1024, le=64 * 1024 * 1024)] = 2 * 1024 * 1024
