"""A host's names as certificates write them, and whether a certificate covers them."""

import ipaddress
from collections.abc import Iterable

from cryptography import x509


def to_general_name(name: str) -> x509.GeneralName:
    """A DNS name or an address as an entry of a certificate."""
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def names_of(certificate: x509.Certificate) -> frozenset[str]:
    """The DNS names (lower case) and addresses of a certificate; its common name doesn't count."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return frozenset()
    dns = extension.value.get_values_for_type(x509.DNSName)
    addresses = extension.value.get_values_for_type(x509.IPAddress)
    return frozenset([*(name.lower() for name in dns), *(str(address) for address in addresses)])


def missing_names(certificate: x509.Certificate, names: Iterable[str]) -> tuple[str, ...]:
    """Those of ``names`` that the certificate doesn't cover; ``*.`` stands for exactly one label."""
    has = names_of(certificate)
    return tuple(name for name in names if name.lower() not in has and _wildcard_of(name) not in has)


def _wildcard_of(name: str) -> str | None:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        _, _, rest = name.lower().partition(".")
        return f"*.{rest}" if rest else None
    return None
