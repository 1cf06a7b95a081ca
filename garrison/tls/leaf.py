"""Whether the certificate that lies on a host still serves."""

from collections.abc import Iterable
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from garrison.tls.names import names_of, to_general_name

RENEW_AT = 3  # renewed when less than one part in this many of its life is left


def reason_to_renew(
    chain_pem: str | None, authority_pem: str, names: Iterable[str], now: datetime
) -> str | None:
    """Why a host needs a new certificate of the fleet's CA, as half a sentence; None when it has a good one.

    Never raises for what lies on the host. Raises ValueError when ``authority_pem`` is no certificate.
    """
    authority = x509.load_pem_x509_certificate(authority_pem.encode())
    if chain_pem is None or not chain_pem.strip():
        return "there is no certificate"
    try:
        chain = x509.load_pem_x509_certificates(chain_pem.encode())
        has = names_of(chain[0])
    except (ValueError, x509.DuplicateExtension):
        return "the certificate can't be read"
    return (
        _other_issuer(chain, authority)
        or _other_names(has, frozenset(str(to_general_name(name).value) for name in names))
        or _outside_its_time(chain[0], now)
    )


def reason_without_issuer(chain_pem: str | None, names: Iterable[str], now: datetime) -> str | None:
    """The same for a certificate of anybody's. Never raises for what lies on the host."""
    if chain_pem is None or not chain_pem.strip():
        return "there is no certificate"
    try:
        leaf = x509.load_pem_x509_certificates(chain_pem.encode())[0]
        has = names_of(leaf)
    except (ValueError, x509.DuplicateExtension):
        return "the certificate can't be read"
    wanted = frozenset(str(to_general_name(name).value) for name in names)
    return _other_names(has, wanted) or _outside_its_time(leaf, now)


def _other_issuer(chain: list[x509.Certificate], authority: x509.Certificate) -> str | None:
    try:
        chain[0].verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError, TypeError):
        return "the certificate was not issued by this fleet's CA"
    if chain[1:] != [authority]:
        return "the chain doesn't end with this fleet's CA"
    return None


def _other_names(has: frozenset[str], wanted: frozenset[str]) -> str | None:
    if has == wanted:
        return None
    return f"the certificate names {', '.join(sorted(has)) or 'nothing'}, not {', '.join(sorted(wanted))}"


def _outside_its_time(leaf: x509.Certificate, now: datetime) -> str | None:
    start, end = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    if now < start:
        return f"the certificate is not valid before {start:%Y-%m-%d %H:%M} UTC"
    if now >= end:
        return f"the certificate expired on {end:%Y-%m-%d}"
    if (end - now) * RENEW_AT < end - start:
        return f"less than a third of the certificate's life is left (it ends on {end:%Y-%m-%d})"
    return None
