"""What ``services/<name>/service.yaml`` can say. What is unsafe has no word here (docs/decisions/0001)."""

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    model_validator,
)
from pydantic_core import PydanticCustomError

from garrison.catalog.egress import Egress, Port, Reason
from garrison.catalog.paths import AbsolutePath, FileName, UrlPath
from garrison.catalog.size import Size

# No '--' inside a name: it separates the two ends in the name of a network.
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
ContainerUser = Annotated[int, Field(ge=1, le=65000)]
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
SecretName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
EnvironmentName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]
Duration = Annotated[int, Field(ge=1, le=3600, description="seconds")]

_ROLLING_TAGS = frozenset({"latest", "main", "master", "edge", "nightly", "stable", "server"})
_SECRET_NAME = re.compile(
    r"(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|(API|ACCESS|PRIVATE|REMOTE)_KEY)$"
)
_URL_WITH_PASSWORD = re.compile(r"://[^/?#\s]*:[^/?#\s]*@")
_REFERENCE = re.compile(
    r"^[a-z0-9][a-z0-9.-]*(:[0-9]+)?(/[a-z0-9][a-z0-9._-]*)+:[A-Za-z0-9_][A-Za-z0-9._-]*$"
)


def _fault(what: str, *at: str | int) -> PydanticCustomError:
    """An error of a whole record that still names the key at fault, so that its line can be shown."""
    return PydanticCustomError("catalog", "{what}", {"what": what, "at": at})


# Ends up in comments of configuration files, which a second line would leave.
Title = Annotated[str, StringConstraints(min_length=3, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Image(_Record):
    """Built from our Containerfile, or pulled by tag and digest, or either (``image_source`` decides)."""

    build: Path | None = None
    ref: str | None = None
    digest: Digest | None = None

    @model_validator(mode="after")
    def _is_pinned(self) -> Self:
        if self.build is None and self.ref is None:
            raise ValueError(
                "the image has no source; give 'build: .' (with a Containerfile) or 'ref' with 'digest'"
            )
        if (self.ref is None) != (self.digest is None):
            raise ValueError(
                "'ref' and 'digest' belong together; give both, for a tag alone can be pushed again"
            )
        if self.ref is not None:
            if not _REFERENCE.match(self.ref):
                raise ValueError(f"ref {self.ref!r} is not registry/name:tag; write all three")
            tag = self.ref.rpartition(":")[2]
            if tag in _ROLLING_TAGS:
                raise ValueError(f"tag {tag!r} rolls; name a version")
        return self


class Route(_Record):
    """A path at the door. The prefix is taken off before the request reaches the service."""

    path: Annotated[str, StringConstraints(pattern=r"^/[a-z0-9-]+/$")]
    port: Name = "http"
    auth: Literal["key", "none"] = "key"
    timeout: Duration = 60
    body: Size = "1M"


class HttpHealth(_Record):
    """A request from inside the container; ``via`` names the client that the image carries."""

    http: UrlPath
    port: Name = "http"
    via: Literal["curl", "wget", "python"]
    deadline: Duration = 60


class ExecHealth(_Record):
    """A command inside the container; exit code 0 means ready."""

    exec: Annotated[tuple[str, ...], Field(min_length=1)]
    deadline: Duration = 60


def _kind_of_health(value: object) -> str:
    asks_a_command = isinstance(value, ExecHealth) or (isinstance(value, dict) and "exec" in value)
    return "<exec>" if asks_a_command else "<http>"


# A named union: otherwise one slip is reported once for each kind of probe.
Health = Annotated[
    Annotated[HttpHealth, Tag("<http>")] | Annotated[ExecHealth, Tag("<exec>")],
    Discriminator(_kind_of_health),
]


class Limits(_Record):
    memory: Size
    cpus: Annotated[float, Field(gt=0, le=256)]
    pids: Annotated[int, Field(ge=1, le=100_000)]


class Metrics(_Record):
    """Where its metrics are; with ``auth: key`` whoever scrapes them sends ``secret``, or the service's credential."""

    path: Annotated[UrlPath, StringConstraints(pattern=r"^[^?]*$")]
    port: Name = "http"
    auth: Literal["key", "none"] = "none"
    secret: SecretName | None = None

    @model_validator(mode="after")
    def _has_a_secret_only_for_a_key(self) -> Self:
        if self.secret is not None and self.auth != "key":
            raise _fault("'secret' is what is sent as a key; add 'auth: key', or take it out", "secret")
        return self


class Embedding(_Record):
    """What the vectors of a service are: its consumers store them and refuse others."""

    model: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$", max_length=100)]
    dimension: Annotated[int, Field(ge=1, le=16000, description="what a column of pgvector can hold")]


class DoorListener(_Record):
    """One port of the door on every address: only the service with ``door`` has these."""

    http: Port
    https: Port


class Exceptions(_Record):
    """Departures from the defaults, each with its reason, shown in every report."""

    writable_root: Reason | None = None


class Service(_Record):
    """One service, one folder, one truth."""

    name: Name
    title: Title
    image: Image
    user: ContainerUser
    entrypoint: tuple[str, ...] | None = None
    command: tuple[str, ...] | None = None
    environment: dict[EnvironmentName, str] = {}
    listen: dict[Name, Port] = {}
    publish: dict[Name, Port] = {}
    door: DoorListener | None = None
    route: Route | None = None
    health: Health
    metrics: Metrics | None = None
    scrapes: bool = False
    notifies: bool = False
    takes_spans: Name | None = None
    host_metrics: AbsolutePath | None = None
    dashboards: AbsolutePath | None = None
    embedding: Embedding | None = None
    models: FileName | None = None
    needs: tuple[Name, ...] = ()
    watches: tuple[Name, ...] = ()
    credential: Literal["each", "shared"] | None = None
    proof: Literal["sha256", "scram"] = "sha256"
    secrets: tuple[SecretName, ...] = ()
    defines: tuple[SecretName, ...] = ()
    renewable: tuple[SecretName, ...] = ()
    verifies_keys: bool = False
    files: dict[FileName, AbsolutePath] = {}
    volumes: dict[Name, AbsolutePath] = {}
    writable: tuple[AbsolutePath, ...] = ()
    limits: Limits
    egress: Egress | None = None
    exceptions: Exceptions = Exceptions()
    profiles: tuple[Name, ...] = ("core",)

    @model_validator(mode="after")
    def _refers_to_its_own_ports(self) -> Self:
        wanted: list[tuple[str, ...]] = [("publish", port, port) for port in self.publish]
        if self.route:
            wanted.append(("route", "port", self.route.port))
        if self.metrics:
            wanted.append(("metrics", "port", self.metrics.port))
        if isinstance(self.health, HttpHealth):
            wanted.append(("health", "port", self.health.port))
        if self.takes_spans:
            wanted.append(("takes_spans", self.takes_spans))
        for *at, port in wanted:
            if port not in self.listen:
                has = ", ".join(self.listen) or "nothing"
                raise _fault(f"port {port!r} is not in 'listen', which has {has}; name one of those", *at)
        return self

    @model_validator(mode="after")
    def _watches_what_it_needs(self) -> Self:
        for index, name in enumerate(self.watches):
            if name not in self.needs:
                raise _fault(f"{name!r} is not in 'needs'; name it there too", "watches", index)
        return self

    @model_validator(mode="after")
    def _renews_what_is_its_own(self) -> Self:
        for index, name in enumerate(self.renewable):
            if name not in self.defines or name not in self.secrets:
                raise _fault(
                    f"{name!r} is not in 'defines' and 'secrets'; name it in both", "renewable", index
                )
        return self

    @model_validator(mode="after")
    def _keeps_secrets_out_of_the_environment(self) -> Self:
        for name, value in self.environment.items():
            said = "this looks like a secret" if _SECRET_NAME.search(name) else ""
            if said or _URL_WITH_PASSWORD.search(value):
                raise _fault(
                    f"{said or 'the address has a password in it'}; "
                    "list it under 'secrets' and read it from /run/secrets",
                    *("environment", name),
                )
        return self
