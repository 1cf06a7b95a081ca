"""Keys, requests and certificates for the tests of garrison.tls, all made in memory or in tmp_path."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from garrison.tls.authority import Authority

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
NAMES = ("lab.example.org", "10.99.0.2")


def pem_of(key: ec.EllipticCurvePrivateKey, passphrase: bytes | None = None) -> str:
    encryption = (
        serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    )
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    return key.private_bytes(*form).decode()


def request_of(key, *wishes: str) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "whatever")])
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    if wishes:
        wished = x509.SubjectAlternativeName([x509.DNSName(wish) for wish in wishes])
        builder = builder.add_extension(wished, critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


@pytest.fixture(scope="session")
def host_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="session")
def request_pem(host_key) -> str:
    return request_of(host_key)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.open(tmp_path / "ca", None, NOW)


@pytest.fixture
def chain(authority: Authority, request_pem: str) -> str:
    return authority.sign(request_pem, NAMES, 90, NOW)


@pytest.fixture
def bring(tmp_path: Path, chain: str, host_key) -> Callable[..., tuple[Path, Path]]:
    """Write what a user brings; what isn't given is good."""

    def write(chain_pem: str = chain, key_pem: str | None = None) -> tuple[Path, Path]:
        certificate, key = tmp_path / "own.pem", tmp_path / "own.key"
        certificate.write_text(chain_pem)
        key.write_text(pem_of(host_key) if key_pem is None else key_pem)
        return certificate, key

    return write
