"""A certificate and key that the user brings, checked before any host sees them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID

from garrison.problem import Problem, ProblemError
from garrison.tls.issue import is_weak
from garrison.tls.names import missing_names, names_of


@dataclass(frozen=True, kw_only=True)
class OwnCertificate:
    """The chain (leaf first) and the unencrypted key in PEM; ``fingerprint`` is the leaf's SHA-256 in hex."""

    chain_pem: str
    key_pem: str = field(repr=False)
    fingerprint: str
    kind: str = "ecdsa"


def load_all(
    files: Sequence[tuple[Path, Path]], names: Sequence[str], now: datetime
) -> tuple[OwnCertificate, ...]:
    """Every certificate with its key, of ``load_own``, each of another kind.

    Raises ProblemError with everything that is wrong with all of them.
    """
    problems: list[Problem] = []
    found: dict[str, OwnCertificate] = {}
    for certificate, key in files:
        try:
            one = load_own(certificate, key, names, now)
        except ProblemError as error:
            problems += error.problems
            continue
        if one.kind in found:
            remedy = "Bring one with an ECDSA key and one with an RSA key, or one alone."
            problems.append(_problem(certificate, "kind", f"it is a second {one.kind.upper()} one.", remedy))
        found[one.kind] = one
    if problems:
        raise ProblemError(problems)
    return tuple(found.values())


def load_own(certificate: Path, key: Path, names: Sequence[str], now: datetime) -> OwnCertificate:
    """Read the user's full chain and key for a host of these ``names``.

    Raises ProblemError with everything that is wrong with both files at once.
    """
    problems: list[Problem] = []
    chain = _read_chain(certificate, problems)
    private = _read_key(key, problems)
    if chain:
        problems += _problems_of_chain(certificate, chain, now)
        problems += _problems_of_leaf(certificate, chain[0], names)
    if private is not None and not isinstance(private, RSAPrivateKey | EllipticCurvePrivateKey):
        remedy = "Ask for one with a P-256 key or RSA of 2048 bits or more: every client knows those."
        problems.append(_problem(key, "kind", "the key is neither ECDSA nor RSA.", remedy))
    if chain and private is not None and private.public_key() != chain[0].public_key():
        problems.append(_mismatch(certificate, key, chain, private))
    if problems or private is None:
        raise ProblemError(problems)
    encoding = serialization.Encoding.PEM
    form = (encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return OwnCertificate(
        chain_pem="".join(link.public_bytes(encoding).decode() for link in chain),
        key_pem=private.private_bytes(*form).decode(),
        fingerprint=chain[0].fingerprint(hashes.SHA256()).hex(),
        kind="rsa" if isinstance(private, RSAPrivateKey) else "ecdsa",
    )


def _read(path: Path, what: str, problems: list[Problem]) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError as error:
        remedy = f"Put the {what} (PEM) there, or mend the setting 'tls' of this host."
        problems.append(_problem(path, "unreadable", f"can't be read: {error.strerror}.", remedy))
        return None


def _read_chain(path: Path, problems: list[Problem]) -> list[x509.Certificate]:
    pem = _read(path, "full chain", problems)
    if pem is None:
        return []
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        remedy = "It must hold the host's certificate and those between it and the root, in PEM."
        problems.append(_problem(path, "not-pem", "this is no certificate in PEM.", remedy))
        return []


def _read_key(path: Path, problems: list[Problem]) -> PrivateKeyTypes | None:
    pem = _read(path, "key", problems)
    if pem is None:
        return None
    try:
        return serialization.load_pem_private_key(pem, None)
    except TypeError:
        remedy = f"Write it without a passphrase: openssl pkey -in {path} -out FILE; then chmod 0600 FILE."
        problems.append(_problem(path, "key-encrypted", "the key is encrypted.", remedy))
    except ValueError:
        remedy = "It must be one unencrypted private key in PEM."
        problems.append(_problem(path, "key-not-pem", "this is no private key in PEM.", remedy))
    return None


def _mismatch(
    certificate: Path, key: Path, chain: list[x509.Certificate], private: PrivateKeyTypes
) -> Problem:
    if any(link.public_key() == private.public_key() for link in chain):
        return _problem(
            certificate,
            "order",
            f"the certificate of {key} is not the first of the chain.",
            "Put the host's own certificate first, then its issuer, and so on.",
        )
    what = f"the certificate does not belong to {key}."
    return _problem(certificate, "mismatch", what, "Bring the key that this certificate was requested with.")


def _problems_of_chain(path: Path, chain: list[x509.Certificate], now: datetime) -> Iterator[Problem]:
    for position, link in enumerate(chain, start=1):
        which = f"certificate {position} of {len(chain)} ({link.subject.rfc4514_string() or 'no subject'})"
        start, end = link.not_valid_before_utc, link.not_valid_after_utc
        if now >= end:
            yield _problem(path, "expired", f"{which} expired on {end:%Y-%m-%d}.", "Renew it.")
        if now < start:
            what = f"{which} is not valid before {start:%Y-%m-%d %H:%M} UTC."
            yield _problem(path, "not-yet-valid", what, "Wait, or set this machine's clock (timedatectl).")
        if is_weak(link.public_key()):
            remedy = "Ask for one with a P-256 key or RSA of 2048 bits or more."
            yield _problem(path, "weak", f"{which} has a weak key.", remedy)
    for position, (link, issuer) in enumerate(pairwise(chain), start=1):
        if not _issued_by(link, issuer):
            yield _problem(
                path,
                "order",
                f"certificate {position + 1} is not the issuer of certificate {position}.",
                "Order the file: the host's certificate, its issuer, that one's issuer, with no gap.",
            )


def _issued_by(link: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        link.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _problems_of_leaf(path: Path, leaf: x509.Certificate, names: Sequence[str]) -> Iterator[Problem]:
    missing = missing_names(leaf, names)
    if missing:
        has = ", ".join(sorted(names_of(leaf))) or "nothing"
        yield _problem(
            path,
            "names",
            f"the certificate is for {has}; it does not cover {', '.join(missing)}.",
            "Get one for all of 'server_names', or take the others off that setting.",
        )
    try:
        usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return
    if ExtendedKeyUsageOID.SERVER_AUTH not in usage:
        remedy = "Get one for server authentication."
        yield _problem(path, "usage", "the certificate is not meant for a TLS server.", remedy)


def _problem(where: Path, id_: str, what: str, remedy: str) -> Problem:
    return Problem(where=str(where), id=f"tls.own.{id_}", what=what, remedy=remedy)
