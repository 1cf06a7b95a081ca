"""What an inventory can say about a host, besides how to reach it."""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from garrison.catalog.egress import Egress as WayOut
from garrison.catalog.model import Name
from garrison.catalog.objectives import Objectives
from garrison.catalog.paths import AbsolutePath
from garrison.catalog.receivers import Alerts
from garrison.egress import Egress
from garrison.problem import Problem, ProblemError
from garrison.server_name import ServerName
from garrison.shipping import LogShipping

# What pyinfra's own connector reads; a misspelt one of these is refused like a misspelt one of ours.
_OF_PYINFRA = frozenset(
    f"ssh_{name}"
    for name in (
        *("hostname", "port", "user", "password", "key", "key_password", "allow_agent", "look_for_keys"),
        *("forward_agent", "config_file", "known_hosts_file", "strict_host_key_checking"),
        *("paramiko_connect_kwargs", "connect_retries", "connect_retry_min_delay"),
        *("connect_retry_max_delay", "file_transfer_protocol"),
    )
)


class AcmeSettings(BaseModel):
    """The server that issues certificates (RFC 8555), and how it is shown that the names are this host's.

    ``hook`` is a program on the host that puts records into the DNS, for the challenge dns-01.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    directory: Annotated[str, Field(pattern=r"^https://[^\s/]+/?[^\s]*$")]
    email: Annotated[str, Field(pattern=r"^[^@\s,?]+@[^@\s,?]+$")] | None = None
    challenge: Literal["http-01", "dns-01"] = "http-01"
    hook: AbsolutePath | None = None
    timeout: Annotated[int, Field(ge=10, le=1800)] = 300

    @model_validator(mode="after")
    def _dns_has_a_hook(self) -> Self:
        if (self.challenge == "dns-01") != (self.hook is not None):
            raise ValueError(
                "challenge 'dns-01' needs 'hook', a program on the host, and no other challenge does"
            )
        return self


class TlsSettings(BaseModel):
    """``fleet``: certificates of the fleet's own CA. ``own``: what the user brings. ``acme``: of an ACME server."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: Literal["fleet", "own", "acme"] = "fleet"
    certificate: Path | tuple[Path, ...] = ()
    key: Path | tuple[Path, ...] = ()
    leaf_days: Annotated[int, Field(ge=2, le=90)] = 90
    acme: AcmeSettings | None = None

    @property
    def own_files(self) -> tuple[tuple[Path, Path], ...]:
        """The certificates that the user brings, each with its key."""
        certificates, keys = (
            (one,) if isinstance(one, Path) else one for one in (self.certificate, self.key)
        )
        return tuple(zip(certificates, keys, strict=True))

    @model_validator(mode="after")
    def _has_what_its_mode_needs(self) -> Self:
        certificates, keys = (
            (one,) if isinstance(one, Path) else one for one in (self.certificate, self.key)
        )
        if self.mode == "own" and not 1 <= len(certificates) == len(keys) <= 2:
            raise ValueError(
                "mode 'own' needs 'certificate' (the full chain, PEM) and 'key' (PEM), or two of both: ECDSA and RSA"
            )
        if self.mode != "own" and (certificates or keys):
            raise ValueError("'certificate' and 'key' belong to mode 'own'")
        if (self.mode == "acme") != (self.acme is not None):
            raise ValueError("mode 'acme' needs 'acme' with the server's 'directory', and no other mode does")
        return self


class DoorLimits(BaseModel):
    """What one client may take of the door: by its name with a key, by its address (of IPv6: the /64) without."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    requests_per_second: Annotated[int, Field(ge=1, le=1_000_000)] = 200
    burst: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    concurrent: Annotated[int, Field(ge=1, le=4096)] = 100
    connections: Annotated[int, Field(ge=8, le=4096)] = 256


class RebootSettings(BaseModel):
    """Whether unattended upgrades may boot the host again where an upgrade needs it, and when (the host's time)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    when_needed: bool = False
    at: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] = "03:30"


class WayIn(BaseModel):
    """How whoever deploys reaches the host, read from pyinfra's own keys; ``user`` is None when nobody says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user: str | None = None
    by_password: bool = False
    sudo_by_password: bool = False


class HostSettings(BaseModel):
    """Everything Garrison reads from a host's inventory data; docs/operating.md explains each."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    server_names: Annotated[tuple[ServerName, ...], Field(min_length=1)]
    stack_user: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")] = "garrison"
    stack_uid: Annotated[int, Field(ge=1000, le=59999)] = 4000
    stack_home: AbsolutePath = "/srv/garrison"
    services_dirs: tuple[Path, ...] = ()
    service_environment: dict[Name, dict[str, str]] = {}
    service_egress: dict[Name, WayOut] = {}
    profiles: Annotated[tuple[Name, ...], Field(min_length=1)] = ("core",)
    image_source: Literal["build", "registry"] = "build"
    images_lock: Path | None = None
    image_cache: AbsolutePath | None = None
    stand_ins: Path | None = None
    extra_ca_certificates: tuple[Path, ...] = ()
    documentation_packs: Path | None = None
    dashboards: Path | None = None
    alerts: Alerts | None = None
    objectives: Objectives = Objectives()
    trace_ratio: Annotated[float, Field(ge=0, le=1, strict=True, allow_inf_nan=False)] = 1.0
    log_shipping: LogShipping | None = None
    ssh_users: tuple[Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_-]{0,31}$")], ...] = ()
    ssh_forwarding: Literal["loopback", "none"] | None = None
    way_in: Annotated[WayIn, Field(validation_alias="_way_in")] = WayIn()  # read off, not said
    allowed_listeners: tuple[Annotated[str, Field(pattern=r"^(tcp|udp)/[0-9]{1,5}$")], ...] = ()
    hardening: Literal["baseline", "strict"] = "baseline"
    remove_packages: tuple[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9+.-]+$")], ...] = ()
    reboot: RebootSettings = RebootSettings()
    egress: Egress | None = None
    guard_seconds: Annotated[int, Field(ge=20, le=120)] = 120
    door_limits: DoorLimits = DoorLimits()
    tls: TlsSettings = TlsSettings()
    ca_dir: Path = Path(".garrison/ca")
    through: str | None = None
    phases: str | None = None

    @classmethod
    def from_data(cls, where: str, data: Mapping[str, object]) -> "HostSettings":
        """Settings in a host's inventory data; ``where`` names the host in errors.

        pyinfra's own keys (``_sudo``, ``ssh_user`` and so on) are passed over. Raises ProblemError
        with every unknown key (and the nearest known one) and every value that doesn't fit.
        """
        ours = {
            key: value for key, value in data.items() if not key.startswith("_") and key not in _OF_PYINFRA
        }
        for number in ("through", "phases"):  # --data through=2.2 arrives as a float
            if ours.get(number) is not None:
                ours[number] = str(ours[number])
        try:
            return cls.model_validate({**ours, "_way_in": _way_in(data)})
        except ValidationError as error:
            raise ProblemError(_problem(where, dict(detail)) for detail in error.errors()) from None


def _way_in(data: Mapping[str, object]) -> WayIn:
    user = data.get("ssh_user")
    return WayIn(
        user=str(user) if user else None,
        by_password=bool(data.get("ssh_password")),
        sudo_by_password=bool(data.get("_sudo_password") or data.get("_use_sudo_password")),
    )


def _problem(where: str, detail: dict[str, object]) -> Problem:
    location = detail["loc"]
    assert isinstance(location, tuple)  # noqa: S101 - pydantic's own contract
    key = ".".join(str(part) for part in location) or "data"
    if detail["type"] == "extra_forbidden":
        names = HostSettings.model_fields if len(location) == 1 else ()
        near = difflib.get_close_matches(key, names, n=1)
        remedy = f"Did you mean {near[0]!r}?" if near else "docs/operating.md lists the settings."
        return Problem(where=f"{where} {key}", id="settings.unknown", what="no such setting.", remedy=remedy)
    return Problem(
        where=f"{where} {key}",
        id="settings.value",
        what=f"{str(detail['msg']).removeprefix('Value error, ')}.",
        remedy="Mend it in the inventory (docs/operating.md lists the settings).",
    )
