"""A client outside of the host: what it sees at the door."""

import socket
import ssl
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import httpx
import yaml
from cryptography import x509

from garrison.catalog.model import HttpHealth, Service
from garrison.evidence.door import Answer, Certificate
from garrison.plan.wanted import Wanted

PROBES = yaml.safe_load((Path(__file__).parent / "probes.yaml").read_text())
TIMEOUT = 20.0
# Only here may old versions be offered: to see them refused.
VERSIONS = {
    "TLSv1": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}


def probe_of(service: Service) -> dict[str, str]:
    """What to ask of a routed service: what the data says, else what every service on the kit answers."""
    if service.name in PROBES:
        return PROBES[service.name]
    assert isinstance(service.health, HttpHealth), f"{service.name}: say in probes.yaml what to ask of it"
    return {"asks": "openapi.json", "health": service.health.http.lstrip("/")}


@dataclass(frozen=True, kw_only=True)
class Door:
    """Where a door is, and what a client needs to know of it."""

    host: str
    http: int
    https: int
    authority: Path
    wanted: Wanted

    @classmethod
    def of(cls, host: str, wanted: Wanted, root: Path) -> "Door":
        """The door of a deployed host."""
        assert wanted.catalog.door
        assert wanted.catalog.door.door
        ports = wanted.catalog.door.door
        authority = root / wanted.settings.ca_dir / "ca.crt"
        return cls(host=host, http=ports.http, https=ports.https, authority=authority, wanted=wanted)

    @property
    def base(self) -> str:
        return f"https://{self.host}:{self.https}"

    @property
    def guarded(self) -> tuple[str, ...]:
        """A harmless path behind each route that asks for a key."""
        routed = self.wanted.catalog.routed
        return tuple(
            f"{one.route.path}{probe_of(one)['asks']}"
            for one in routed
            if one.route and one.route.auth == "key"
        )

    @property
    def health(self) -> tuple[str, ...]:
        """The path of each routed service's health."""
        routed = self.wanted.catalog.routed
        return tuple(f"{one.route.path}{probe_of(one)['health']}" for one in routed if one.route)

    def client(self) -> httpx.Client:
        """A client that trusts the fleet's CA and nobody else."""
        context = ssl.create_default_context(cafile=str(self.authority))
        return httpx.Client(base_url=self.base, verify=context, timeout=TIMEOUT, trust_env=False)


def ask_all(client: httpx.Client, paths: Iterable[str], key: str | None = None) -> list[Answer]:
    """The answer at each path."""
    headers = {"X-API-Key": key} if key else {}
    return [read(client.get(path, headers=headers)) for path in paths]


def read(response: httpx.Response) -> Answer:
    return Answer(
        url=str(response.url),
        status=response.status_code,
        headers={key.lower(): value for key, value in response.headers.items()},
    )


def handshakes(host: str, port: int) -> dict[str, bool]:
    """Whether a handshake succeeds with each version of TLS, and with nothing but that version."""
    return {name: _shake(host, port, version) for name, version in VERSIONS.items()}


def _shake(host: str, port: int, version: ssl.TLSVersion) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    try:
        with socket.create_connection((host, port), TIMEOUT) as link, context.wrap_socket(link):
            return True
    except (ssl.SSLError, ConnectionResetError):
        return False


def certificate(host: str, port: int) -> Certificate:
    """The certificate that is shown there, trusted or not."""
    found = x509.load_pem_x509_certificate(ssl.get_server_certificate((host, port)).encode())
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return Certificate(
        names=frozenset(
            [*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))]
        ),
        begins=found.not_valid_before_utc,
        ends=found.not_valid_after_utc,
    )
