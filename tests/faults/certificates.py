"""Certificates and CAs for tests, good and bad ones."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from garrison.tls.issue import authority_certificate, leaf_certificate, new_key

LONG_AGO = datetime.now(UTC) - timedelta(days=4000)
PEM = serialization.Encoding.PEM


class TestAuthority:
    """A CA of the tests' own, made at some time."""

    __test__ = False

    def __init__(self, made: datetime | None = None) -> None:
        self.made = made or datetime.now(UTC)
        self.key = new_key()
        self.certificate = authority_certificate(self.key, self.made)

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(PEM).decode()

    def save(self, folder: Path, passphrase: str | None = None) -> Path:
        """The folder as the fleet's CA lies on disk."""
        folder.mkdir(mode=0o700)
        (folder / "ca.crt").write_text(self.pem)
        (folder / "ca.key").touch(mode=0o600)
        (folder / "ca.key").write_text(key_pem(self.key, passphrase))
        return folder

    def issue(self, *names: str) -> tuple[str, str]:
        """Chain and key of a host."""
        key = new_key()
        request = (
            x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
        )
        text = request.public_bytes(PEM).decode()
        leaf = leaf_certificate(self.certificate, self.key, text, names, 90, self.made)
        return leaf.public_bytes(PEM).decode() + self.pem, key_pem(key)


def key_pem(key: EllipticCurvePrivateKey, passphrase: str | None = None) -> str:
    """A key in PEM."""
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        encryption = serialization.BestAvailableEncryption(passphrase.encode())
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, encryption).decode()
