"""What can be wrong with a certificate that a user brings."""

import ipaddress

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from garrison.problem import ProblemError
from garrison.tls.authority import Authority
from garrison.tls.names import missing_names
from garrison.tls.own import load_own

from .conftest import DAY, NAMES, NOW, pem_of, request_of


def faults(files, names=NAMES, now=NOW) -> list[str]:
    with pytest.raises(ProblemError) as error:
        load_own(*files, names, now)
    assert all(problem.remedy for problem in error.value.problems)
    return sorted(problem.id.removeprefix("tls.own.") for problem in error.value.problems)


def test_a_good_certificate_and_key_are_taken_as_they_are(bring, chain, host_key):
    own = load_own(*bring(), NAMES, NOW)
    assert (own.chain_pem, own.key_pem) == (chain, pem_of(host_key))
    leaf = x509.load_pem_x509_certificates(chain.encode())[0]
    assert own.fingerprint == leaf.fingerprint(hashes.SHA256()).hex()


def test_the_key_is_not_in_the_repr(bring):
    assert "PRIVATE" not in repr(load_own(*bring(), NAMES, NOW))


def test_missing_files_are_both_reported(tmp_path):
    assert faults((tmp_path / "no.pem", tmp_path / "no.key")) == ["unreadable", "unreadable"]


def test_a_folder_is_not_a_certificate(bring, tmp_path):
    _, key = bring()
    assert faults((tmp_path, key)) == ["unreadable"]


def test_files_that_are_not_pem_are_both_reported(bring):
    assert faults(bring("hello", "hello")) == ["key-not-pem", "not-pem"]


def test_binary_files_are_reported(bring):
    certificate, key = bring()
    certificate.write_bytes(b"\x80\x00\xff")
    key.write_bytes(b"\x80\x00\xff")
    assert faults((certificate, key)) == ["key-not-pem", "not-pem"]


def test_the_two_files_in_each_others_place_are_reported(bring, chain, host_key):
    assert faults(bring(pem_of(host_key), chain)) == ["key-not-pem", "not-pem"]


def test_an_encrypted_key_is_refused(bring, host_key):
    assert faults(bring(key_pem=pem_of(host_key, b"secret"))) == ["key-encrypted"]


def test_a_key_of_another_certificate_is_refused(bring):
    assert faults(bring(key_pem=pem_of(ec.generate_private_key(ec.SECP256R1())))) == ["mismatch"]


def test_a_chain_with_the_issuer_first_is_refused(bring, authority, chain):
    leaf = chain.removesuffix(authority.certificate_pem)
    # The first certificate is the CA's, which names no host.
    assert faults(bring(authority.certificate_pem + leaf)) == ["names", "order", "order"]


def test_a_chain_with_a_stranger_in_it_is_refused(bring, tmp_path, authority, chain):
    other = Authority.open(tmp_path / "other", None, NOW)
    leaf = chain.removesuffix(authority.certificate_pem)
    assert faults(bring(leaf + other.certificate_pem)) == ["order"]


def test_an_expired_certificate_is_refused_with_everything_else_that_is_wrong(bring, host_key):
    files = bring(key_pem=pem_of(host_key, b"secret"))
    assert faults(files, ["other.example.org"], NOW + 91 * DAY) == ["expired", "key-encrypted", "names"]


def test_a_certificate_of_tomorrow_is_refused_link_by_link(bring):
    assert faults(bring(), now=NOW - DAY) == ["not-yet-valid", "not-yet-valid"]


def test_a_certificate_for_clients_is_refused(bring, host_key):
    assert faults(bring(certificate_of(host_key, ExtendedKeyUsageOID.CLIENT_AUTH))) == ["usage"]


def test_a_weak_key_is_refused(bring):
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - on purpose
    pem = certificate_of(weak, ExtendedKeyUsageOID.SERVER_AUTH)
    assert faults(bring(pem, pem_of(weak))) == ["weak"]


@pytest.mark.parametrize(
    ("name", "covered"),
    [
        ("a.example.org", True),
        ("A.Example.org", True),
        ("a.b.example.org", False),
        ("example.org", False),
        ("10.99.0.2", False),
    ],
)
def test_a_wildcard_covers_exactly_one_label(authority, request_pem, name, covered):
    chain = authority.sign(request_pem, ["*.example.org", "*.0.0.2"], 90, NOW)
    leaf = x509.load_pem_x509_certificates(chain.encode())[0]
    assert (missing_names(leaf, [name]) == ()) is covered


def certificate_of(key, usage: x509.ObjectIdentifier) -> str:
    request = x509.load_pem_x509_csr(request_of(key).encode())
    names = x509.SubjectAlternativeName(
        [x509.DNSName("*.example.org"), x509.IPAddress(ipaddress.ip_address(NAMES[1]))]
    )
    builder = x509.CertificateBuilder(request.subject, request.subject, key.public_key(), 7)
    builder = builder.not_valid_before(NOW - DAY).not_valid_after(NOW + DAY)
    builder = builder.add_extension(names, critical=False)
    builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
