"""Where a host's certificate comes from: the fleet's own CA, or two files that the user brings."""

import base64
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from garrison.plan.step import LIB, Command, Exchange, Step, sh
from garrison.settings import HostSettings
from garrison.tls.authority import KEY, PASSPHRASE_VARIABLE, Authority, unencrypted_warning
from garrison.tls.leaf import reason_to_renew
from garrison.tls.own import OwnCertificate, load_own


@dataclass(frozen=True, kw_only=True)
class AuthorityFile:
    """The CA's certificate as it lies on hosts: public, for their own checks."""

    content: bytes

    @property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()


class Issuer(Protocol):
    """What the plan asks: is a new certificate due, and which step brings it."""

    @property
    def trust(self) -> str:
        """The file with the CA on the host that clients verify with, or ``system``."""
        ...

    def reason_to_renew(self, chain_pem: str | None) -> str | None: ...

    def issue(self, reason: str, home: str) -> Step: ...

    def authority_file(self) -> AuthorityFile | None: ...

    def warning(self) -> str | None:
        """What the person who runs this should know about how the signing key is kept."""
        ...


@dataclass(frozen=True)
class FleetIssuer:
    """Signs the host's request with the CA on this machine. The CA is made when the first step needs it."""

    settings: HostSettings
    trust: str = "/etc/garrison/ca.crt"

    def _open(self) -> Authority:
        return Authority.open(self.settings.ca_dir, os.environ.get(PASSPHRASE_VARIABLE), datetime.now(UTC))

    def reason_to_renew(self, chain_pem: str | None) -> str | None:
        """Why a certificate is due. A CA that doesn't exist yet is made later, so that --dry changes nothing."""
        certificate = self.settings.ca_dir / "ca.crt"
        if not certificate.exists():
            return "the fleet has no CA yet"
        return reason_to_renew(
            chain_pem, self._open().certificate_pem, self.settings.server_names, datetime.now(UTC)
        )

    def issue(self, reason: str, home: str) -> Step:
        """The host makes a key and a request, this machine signs it, the host checks and keeps the chain."""
        names = self.settings.server_names

        def sign(request: str) -> tuple[Command, ...]:
            authority = self._open()
            chain = authority.sign(request, names, self.settings.tls.leaf_days, datetime.now(UTC))
            return (
                sh(f"{LIB}/tls-install", "--home", home, stdin=_encode(chain)),
                Command(
                    line=f"install -d /etc/garrison && base64 -d > {self.trust}.new"
                    f" && mv {self.trust}.new {self.trust}",
                    stdin=_encode(authority.certificate_pem),
                ),
            )

        ask = sh(f"{LIB}/tls-request", "--name", names[0])
        title = f"issue a certificate for {', '.join(names)}"
        return Step(title=title, why=reason, commands=(Exchange(ask=ask, answer=sign),))

    def warning(self) -> str | None:
        if os.environ.get(PASSPHRASE_VARIABLE):
            return None
        return unencrypted_warning(self.settings.ca_dir / KEY)

    def authority_file(self) -> AuthorityFile | None:
        certificate = self.settings.ca_dir / "ca.crt"
        return AuthorityFile(content=certificate.read_bytes()) if certificate.exists() else None


@dataclass(frozen=True)
class OwnIssuer:
    """Installs what the user brought; it was checked when it was loaded, before the first change."""

    own: OwnCertificate
    names: tuple[str, ...]
    trust: str = "system"

    def reason_to_renew(self, chain_pem: str | None) -> str | None:
        return None if chain_pem == self.own.chain_pem else "the certificate in the inventory is another one"

    def issue(self, reason: str, home: str) -> Step:
        content = json.dumps({"chain": self.own.chain_pem, "key": self.own.key_pem})
        install = sh(f"{LIB}/tls-install", "--with-key", "--home", home, stdin=_encode(content))
        return Step(title="install the certificate of the inventory", why=reason, commands=(install,))

    def authority_file(self) -> AuthorityFile | None:
        return None

    def warning(self) -> str | None:
        return None


def make_issuer(settings: HostSettings) -> FleetIssuer | OwnIssuer:
    """The issuer that the settings ask for; raises ProblemError when the user's own files are no good."""
    tls = settings.tls
    if tls.mode == "own" and isinstance(tls.certificate, Path) and isinstance(tls.key, Path):
        own = load_own(tls.certificate, tls.key, settings.server_names, datetime.now(UTC))
        return OwnIssuer(own, settings.server_names)
    return FleetIssuer(settings)


def _encode(text: str) -> str:
    return base64.encodebytes(text.encode()).decode()
