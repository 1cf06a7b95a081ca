"""The fleet's own certificate authority: made once under a lock, then only read."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from garrison.problem import Problem, ProblemError
from garrison.tls import issue
from garrison.tls.files import write_whole

CERTIFICATE = "ca.crt"
KEY = "ca.key"
NEXT_KEY = "next.key"
PASSPHRASE_VARIABLE = "GARRISON_CA_PASSPHRASE"  # noqa: S105 - the name of a variable, not a passphrase


@dataclass(frozen=True, kw_only=True)
class Authority:
    """A CA that can sign. ``trusted_pem`` is what clients trust; ``warning`` a sentence for the user, or empty."""

    certificate: x509.Certificate
    trusted_pem: str
    key: ec.EllipticCurvePrivateKey = field(repr=False)
    warning: str = ""

    @classmethod
    def open(cls, directory: Path, passphrase: str | None, now: datetime) -> "Authority":
        """The CA in ``directory``, made there when there is none.

        A key without its certificate (a run killed in between) gets the same certificate again: subject
        and key identifier follow from the key, so what was signed before stays valid. An unencrypted key
        is encrypted once there is a passphrase. Raises ProblemError for a CA that can't be used.
        """
        with locked(directory):
            key_file, certificate_file = directory / KEY, directory / CERTIFICATE
            if not key_file.exists():
                if certificate_file.exists():
                    raise problem(
                        certificate_file,
                        "orphan",
                        f"the CA's certificate is here but its key {KEY} is not.",
                        f"Restore {KEY} from a backup, or remove {CERTIFICATE} to begin a new CA "
                        "(every client then has to trust the new one).",
                    )
                write_whole(key_file, sealed(issue.new_key(), passphrase), 0o600)
            _end_switch(directory, passphrase)
            key = load_key(key_file, passphrase)
            if not certificate_file.exists():
                pem = issue.authority_certificate(key, now).public_bytes(serialization.Encoding.PEM)
                write_whole(certificate_file, pem, 0o644)
            certificate = _load_certificate(certificate_file, key, now)
            trusted = certificate_file.read_text()
        return cls(
            certificate=certificate,
            trusted_pem=trusted,
            key=key,
            warning="" if passphrase else unencrypted_warning(key_file),
        )

    @property
    def certificate_pem(self) -> str:
        """The CA's own certificate."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def sign(self, csr_pem: str, names: Sequence[str], days: int, now: datetime) -> str:
        """The full chain (leaf, then CA) for the key of a request.

        ``names`` (DNS names and addresses) decide what the leaf is for; the request's own wishes count
        for nothing. Raises ProblemError for a request that is broken or not signed by its own key.
        """
        leaf = issue.leaf_certificate(self.certificate, self.key, csr_pem, names, days, now)
        return leaf.public_bytes(serialization.Encoding.PEM).decode() + self.certificate_pem


def _end_switch(directory: Path, passphrase: str | None) -> None:
    """Take the next key where its certificate comes first already: a switch was killed before it did so."""
    following, certificate_file = directory / NEXT_KEY, directory / CERTIFICATE
    if following.exists() and certificate_file.exists():
        first = load_trusted(certificate_file)[0]
        if first.public_key() == load_key(following, passphrase).public_key():
            following.replace(directory / KEY)


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """The CA's folder to oneself. Raises ProblemError where it can't be used."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(directory / ".lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise problem(
            directory,
            "directory",
            f"the folder of the fleet's CA can't be used: {error.strerror}.",
            "Make it a folder that you can write to, or set 'ca_dir'.",
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def sealed(key: ec.EllipticCurvePrivateKey, passphrase: str | None) -> bytes:
    """A key as it lies on the disk: encrypted where there is a passphrase."""
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        encryption = serialization.BestAvailableEncryption(passphrase.encode())
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def load_key(path: Path, passphrase: str | None) -> ec.EllipticCurvePrivateKey:
    """A CA's key; an unencrypted one is encrypted once there is a passphrase. Raises ProblemError."""
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise problem(
            path,
            "key-mode",
            f"others can read or change the CA's key (mode {mode:04o}).",
            f"chmod 0600 {path}; if others have been on this machine, begin a new CA.",
        )
    pem = path.read_bytes()
    try:
        key = _parse_key(path, pem, passphrase)
    except TypeError:  # cryptography's word for: a passphrase, but the key is not encrypted
        key = _parse_key(path, pem, None)
        write_whole(path, sealed(key, passphrase), 0o600)
    return key


def _parse_key(path: Path, pem: bytes, passphrase: str | None) -> ec.EllipticCurvePrivateKey:
    if b"ENCRYPTED" in pem and not passphrase:
        raise problem(
            path,
            "passphrase-missing",
            "the CA's key is encrypted and there is no passphrase.",
            f"Set {PASSPHRASE_VARIABLE} in the environment.",
        )
    try:
        key = serialization.load_pem_private_key(pem, passphrase.encode() if passphrase else None)
    except ValueError as error:
        wrong = b"ENCRYPTED" in pem
        raise problem(
            path,
            "passphrase-wrong" if wrong else "key-unreadable",
            "the passphrase doesn't open the CA's key." if wrong else "this is not a private key in PEM.",
            f"Set {PASSPHRASE_VARIABLE} to the one it was made with."
            if wrong
            else "Restore it from a backup.",
        ) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise problem(
            path,
            "key-kind",
            "this is not an elliptic-curve key.",
            "Restore the key that Garrison made, or point 'ca_dir' to an empty folder to begin a new CA.",
        )
    return key


def load_trusted(path: Path) -> list[x509.Certificate]:
    """What clients trust: the CA that signs, then others. Raises ProblemError for a file without a certificate."""
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise problem(
            path,
            "certificate-unreadable",
            "this is not a certificate in PEM.",
            "Remove it: the next run makes it again from the CA's key.",
        ) from error


def _load_certificate(path: Path, key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    certificate = load_trusted(path)[0]
    if certificate.public_key() != key.public_key():
        raise problem(
            path,
            "mismatch",
            f"the certificate doesn't belong to {KEY} beside it.",
            "Restore the two files of the same CA from a backup.",
        )
    if now >= certificate.not_valid_after_utc:
        raise problem(
            path,
            "expired",
            f"the fleet's CA expired on {certificate.not_valid_after_utc:%Y-%m-%d}.",
            f"Move {path.parent} away to begin a new CA, then let clients trust the new {CERTIFICATE}.",
        )
    if now < certificate.not_valid_before_utc:
        raise problem(
            path,
            "not-yet-valid",
            f"the fleet's CA is valid from {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC on.",
            "Set this machine's clock (timedatectl).",
        )
    return certificate


def unencrypted_warning(key_file: Path) -> str:
    return (
        f"{key_file}: the CA's key lies unencrypted on this disk (mode 0600): whoever copies it can pose as "
        f"every host. Set {PASSPHRASE_VARIABLE} and the next run encrypts it."
    )


def problem(where: Path, id_: str, what: str, remedy: str) -> ProblemError:
    """What is wrong with the fleet's CA, to be raised."""
    return ProblemError([Problem(where=str(where), id=f"tls.authority.{id_}", what=what, remedy=remedy)])
