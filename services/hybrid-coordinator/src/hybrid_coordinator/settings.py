"""What a deployment can set: by environment variables named ``HYBRID_*``; secrets only by file."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from hybrid_coordinator.knowledge import Collection

PREFIX = "HYBRID_"
Seconds = Annotated[float, Field(gt=0, le=3600)]
Share = Annotated[float, Field(ge=0, le=1)]
Port = Annotated[int, Field(ge=1, le=65535)]


def _http_url(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError("must start with http:// or https://")
    if "@" in urlsplit(url).netloc:
        raise ValueError("must not hold a user or a password: keys come as secrets")
    return url.rstrip("/")


def _without_version(url: str | None) -> str | None:
    # Those who offer the API give its address with the version, which is part of each of its paths.
    return url and url.removesuffix("/v1")


Url = Annotated[str, AfterValidator(_http_url)]
# The environment has no null: an empty value means "not configured".
OptionalUrl = Annotated[
    Url | None, BeforeValidator(lambda url: url or None), AfterValidator(_without_version)
]


class Settings(BaseModel):
    """Defaults are those of the stack; a misspelt one stops the service."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = "0.0.0.0"  # noqa: S104 - the container's own networks decide who can reach it
    port: Port = 8092
    qdrant_url: Url = "http://qdrant:6333"
    qdrant_timeout: Seconds = 5.0
    redis_host: str = "redis"
    redis_port: Port = 6379
    redis_user: str = "hybrid-coordinator"
    redis_timeout: Seconds = 2.0
    embeddings_url: Url = "http://embeddings:8081"
    embeddings_timeout: Seconds = 20.0
    llama_cpp_url: Url = "http://llama-cpp:8080"
    llama_cpp_timeout: Seconds = 50.0
    local_context_tokens: Annotated[int, Field(ge=256, le=1_000_000)] = 2048
    """What the local model can hold of prompt and answer together: llama.cpp gives each of its slots a share."""
    remote_url: OptionalUrl = None
    """An OpenAI-compatible service for what the local model is not trusted with; without it nothing leaves."""
    remote_model: str = "default"
    remote_key_secret: str = "hybrid_remote_key"  # noqa: S105 - the secret's name
    remote_timeout: Seconds = 50.0
    local_confidence: Share = 0.5
    """From this confidence on, a question is answered by the local model."""
    min_score_codebase: Share = 0.35
    min_score_skills: Share = 0.45
    min_score_errors: Share = 0.4
    min_score_interactions: Share = 0.6
    min_score_practices: Share = 0.35
    high_value: Share = 0.7
    """From this value on, an interaction is given to later queries."""
    session_lifetime: Annotated[int, Field(ge=1, le=7 * 86400)] = 3600
    session_turns: Annotated[int, Field(ge=1, le=10_000)] = 500
    group_similarity: Share = 0.8
    """From this cosine on, two questions are the same for the extraction of patterns."""
    pattern_support: Annotated[int, Field(ge=2, le=1000)] = 3
    pattern_interval: Annotated[float, Field(gt=0, le=86400)] = 300.0
    pattern_batch: Annotated[int, Field(ge=1, le=1000)] = 50
    pattern_batches: Annotated[int, Field(ge=1, le=1000)] = 10
    shutdown_patience: Annotated[float, Field(gt=0, le=300)] = 20.0
    secrets_dir: Path = Path("/run/secrets")
    clients_file: Path = Path("/run/clients/clients.json")
    log_level: Annotated[str, Field(pattern=r"^(DEBUG|INFO|WARNING|ERROR)$")] = "INFO"

    @property
    def min_scores(self) -> dict[Collection, float]:
        """What a hit must score in each collection to be given with a query."""
        return {
            Collection.CODEBASE: self.min_score_codebase,
            Collection.SKILLS: self.min_score_skills,
            Collection.ERRORS: self.min_score_errors,
            Collection.INTERACTIONS: self.min_score_interactions,
            Collection.PRACTICES: self.min_score_practices,
        }
