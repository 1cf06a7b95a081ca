"""Where a host's certificates come from: the fleet's own CA, files that the user brings, or an ACME server."""

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Protocol

from garrison.plan.step import LIB, Command, Exchange, Step, sh
from garrison.settings import AcmeSettings, HostSettings
from garrison.snapshot.model import DoorCertificates
from garrison.tls.authority import CERTIFICATE, KEY, PASSPHRASE_VARIABLE, Authority, unencrypted_warning
from garrison.tls.leaf import reason_to_renew, reason_without_issuer
from garrison.tls.own import OwnCertificate, load_all

KINDS = ("ecdsa", "rsa")


@dataclass(frozen=True, kw_only=True)
class AuthorityFile:
    """The CA's certificate as it lies on hosts: public, for their own checks."""

    content: bytes

    @property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()


class Issuer(Protocol):
    """What the plan asks: are new certificates due, and which step brings them."""

    @property
    def trust(self) -> str:
        """The file with the CA on the host that clients verify with, or ``system``."""
        ...

    @property
    def source(self) -> str:
        """What the host notes of where its certificates are from."""
        ...

    @property
    def needs_door(self) -> bool:
        """Whether the certificates come only once the door serves, for instance with a stopgap."""
        ...

    def reason_to_renew(self, found: DoorCertificates) -> str | None: ...

    def issue(self, reason: str, *, later: bool) -> Step: ...

    def authority_file(self) -> AuthorityFile | None: ...

    def warning(self) -> str | None:
        """What the person who runs this should know about how the signing key is kept."""
        ...


@dataclass(frozen=True)
class FleetIssuer:
    """Signs the host's requests with the CA on this machine. The CA is made when the first step needs it."""

    settings: HostSettings
    trust: str = "/etc/garrison/ca.crt"
    source: str = "fleet"
    needs_door: bool = False

    def _open(self) -> Authority:
        return Authority.open(self.settings.ca_dir, os.environ.get(PASSPHRASE_VARIABLE), datetime.now(UTC))

    def reason_to_renew(self, found: DoorCertificates) -> str | None:
        """Why certificates are due. A CA that doesn't exist yet is made later, so that --dry changes nothing."""
        if not (self.settings.ca_dir / CERTIFICATE).exists():
            return "the fleet has no CA yet"
        authority, now = self._open().certificate_pem, datetime.now(UTC)
        for kind in KINDS:
            if reason := reason_to_renew(found.chains.get(kind), authority, self.settings.server_names, now):
                return f"{kind.upper()}: {reason}"
        return None

    def issue(self, reason: str, *, later: bool) -> Step:
        """The host makes keys and requests, this machine signs them, the host checks and changes over."""
        names = self.settings.server_names

        def sign(requests: str) -> tuple[Command, ...]:
            authority, days = self._open(), self.settings.tls.leaf_days
            chains = [
                authority.sign(request, names, days, datetime.now(UTC))
                for request in json.loads(requests).values()
            ]
            lay_authority = Command(
                line=f"install -d /etc/garrison && base64 -d > {self.trust}.new && mv {self.trust}.new {self.trust}",
                stdin=_encode(authority.trusted_pem),
            )
            return lay_authority, _install({"source": self.source, "chains": chains}, later=later)

        title = f"issue certificates for {', '.join(names)}"
        ask = sh(f"{LIB}/tls-request")
        return Step(title=title, why=reason, commands=(Exchange(ask=ask, answer=sign),))

    def warning(self) -> str | None:
        if os.environ.get(PASSPHRASE_VARIABLE):
            return None
        return unencrypted_warning(self.settings.ca_dir / KEY)

    def authority_file(self) -> AuthorityFile | None:
        certificate = self.settings.ca_dir / CERTIFICATE
        return AuthorityFile(content=certificate.read_bytes()) if certificate.exists() else None


@dataclass(frozen=True)
class OwnIssuer:
    """Installs what the user brought; it was checked when it was loaded, before the first change."""

    brought: tuple[OwnCertificate, ...]
    trust: str = "system"
    source: str = "own"
    needs_door: bool = False

    def reason_to_renew(self, found: DoorCertificates) -> str | None:
        same = found.chains == {one.kind: one.chain_pem for one in self.brought}
        return None if same else "the certificate in the inventory is another one"

    def issue(self, reason: str, *, later: bool) -> Step:
        content = {
            "source": self.source,
            "chains": [one.chain_pem for one in self.brought],
            "keys": [one.key_pem for one in self.brought],
        }
        install = _install(content, later=later)
        return Step(title="install the certificate of the inventory", why=reason, commands=(install,))

    def authority_file(self) -> AuthorityFile | None:
        return None

    def warning(self) -> str | None:
        return None


@dataclass(frozen=True)
class AcmeIssuer:
    """Has the host ask an ACME server; the host renews by itself then, with or without this machine."""

    acme: AcmeSettings
    names: tuple[str, ...]
    trust: str = "system"
    needs_door: bool = True

    @property
    def source(self) -> str:
        return f"acme {self.acme.directory}"

    def reason_to_renew(self, found: DoorCertificates) -> str | None:
        if found.source != self.source:
            return "the host has none of this server yet"
        for kind in KINDS:
            if reason := reason_without_issuer(found.chains.get(kind), self.names, datetime.now(UTC)):
                return f"{kind.upper()}: {reason}"
        return None

    def issue(self, reason: str, *, later: bool) -> Step:  # noqa: ARG002 - the door serves by then
        ask = sh(f"{LIB}/tls-renew", timeout=2 * self.acme.timeout + 120)
        return Step(title=f"have {self.acme.directory} issue certificates", why=reason, commands=(ask,))

    def authority_file(self) -> AuthorityFile | None:
        return None

    def warning(self) -> str | None:
        return None


def make_issuer(settings: HostSettings) -> FleetIssuer | OwnIssuer | AcmeIssuer:
    """The issuer that the settings ask for; raises ProblemError when the user's own files are no good."""
    tls = settings.tls
    if tls.mode == "own":
        return OwnIssuer(load_all(tls.own_files, settings.server_names, datetime.now(UTC)))
    if tls.acme is not None:
        return AcmeIssuer(tls.acme, settings.server_names)
    return FleetIssuer(settings)


def _install(content: Mapping[str, object], *, later: bool) -> Command:
    words = (f"{LIB}/tls-install", *(("--later",) if later else ()))
    return sh(*words, stdin=_encode(json.dumps(content)))


def _encode(text: str) -> str:
    return base64.encodebytes(text.encode()).decode()
