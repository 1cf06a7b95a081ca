"""The two kinds of certificates that the fleet's CA makes, as X.509: its own and a host's."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from garrison.problem import Problem, ProblemError
from garrison.tls.names import to_general_name

LIFE = timedelta(days=3653)
# Clocks of clients differ a little; a certificate from "now" would be refused by those behind.
BACKDATE = timedelta(minutes=5)
LONGEST_COMMON_NAME = 64
SMALLEST_RSA = 2048
SMALLEST_CURVE = 256


def new_key() -> ec.EllipticCurvePrivateKey:
    """A new P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def is_weak(key: object) -> bool:
    """Whether a public key is too small (RSA below 2048 bits, curves below 256) or of a kind long gone."""
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size < SMALLEST_RSA
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.curve.key_size < SMALLEST_CURVE
    return isinstance(key, dsa.DSAPublicKey)


def authority_certificate(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    """A certificate of ten years for a CA that signs hosts, never another CA."""
    subject = _common_name(f"Garrison fleet CA {_short_id(key.public_key())}")
    builder = _begin(subject, subject, key.public_key(), now, now + LIFE)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_key_usage(signs_certificates=True), critical=True)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
    )
    return builder.sign(key, hashes.SHA256())


def leaf_certificate(
    authority: x509.Certificate,
    key: ec.EllipticCurvePrivateKey,
    csr_pem: str,
    names: Sequence[str],
    days: int,
    now: datetime,
) -> x509.Certificate:
    """A host's certificate that ends with the CA at the latest. Raises ProblemError for a bad request."""
    public_key = _requested_key(csr_pem)
    fits = len(names[0]) <= LONGEST_COMMON_NAME
    subject = _common_name(names[0]) if fits else x509.Name([])
    end = min(now + timedelta(days=days), authority.not_valid_after_utc)
    builder = _begin(subject, authority.subject, public_key, now, end)
    alternative = x509.SubjectAlternativeName([to_general_name(name) for name in names])
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_key_usage(signs_certificates=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    # RFC 5280, 4.2.1.6: critical when the subject is empty.
    builder = builder.add_extension(alternative, critical=not fits)
    return builder.add_extension(identifier, critical=False).sign(key, hashes.SHA256())


def _begin(
    subject: x509.Name,
    issuer: x509.Name,
    key: CertificatePublicKeyTypes,
    now: datetime,
    end: datetime,
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder(issuer_name=issuer, subject_name=subject, public_key=key)
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - BACKDATE).not_valid_after(end)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _requested_key(csr_pem: str) -> CertificatePublicKeyTypes:
    try:
        request = x509.load_pem_x509_csr(csr_pem.encode())
    except ValueError as error:
        raise _refused("the host's answer is not a certificate request in PEM.") from error
    if not request.is_signature_valid:
        raise _refused("the request is not signed by its own key.")
    key = request.public_key()
    if is_weak(key):
        raise _refused("the request's key is too weak.")
    return key


def _refused(what: str) -> ProblemError:
    remedy = "Run /usr/local/lib/garrison/tls-request on the host and look at what it prints."
    return ProblemError([Problem(where="certificate request", id="tls.request", what=what, remedy=remedy)])


def _common_name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _short_id(key: ec.EllipticCurvePublicKey) -> str:
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(key.public_bytes(*form)).hexdigest()[:8]
