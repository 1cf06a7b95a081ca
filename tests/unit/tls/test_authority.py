"""The fleet's CA: made once, guarded, and healed after a killed run."""

import multiprocessing
import stat
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from garrison.problem import ProblemError
from garrison.tls.authority import CERTIFICATE, KEY, PASSPHRASE_VARIABLE, Authority

from .conftest import DAY, NAMES, NOW, request_of


def ids_of(error: pytest.ExceptionInfo[ProblemError]) -> list[str]:
    assert all(problem.remedy for problem in error.value.problems)
    return [problem.id for problem in error.value.problems]


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("authority")
def test_a_new_authority_is_readable_by_its_owner_only(tmp_path):
    directory = tmp_path / "ca"
    assert (mode_of(directory), mode_of(directory / KEY)) == (0o700, 0o600)
    assert mode_of(directory / CERTIFICATE) == 0o644


def test_the_certificate_of_the_authority_can_sign_hosts_and_nothing_more(authority):
    extensions = authority.certificate.extensions
    constraints = extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.critical, constraints.value.ca, constraints.value.path_length) == (True, True, 0)
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    assert (usage.critical, usage.value.key_cert_sign, usage.value.digital_signature) == (True, True, False)


def test_the_same_authority_comes_back(tmp_path, authority):
    assert Authority.open(tmp_path / "ca", None, NOW + DAY).certificate == authority.certificate


def test_an_unencrypted_key_brings_a_warning_that_names_the_remedy(authority):
    assert PASSPHRASE_VARIABLE in authority.warning


def test_a_passphrase_encrypts_the_key_and_silences_the_warning(tmp_path):
    authority = Authority.open(tmp_path / "ca", "correct horse", NOW)
    assert authority.warning == ""
    assert "BEGIN ENCRYPTED PRIVATE KEY" in (tmp_path / "ca" / KEY).read_text()


def test_a_passphrase_given_later_encrypts_the_key_that_lies_there(tmp_path, authority):
    again = Authority.open(tmp_path / "ca", "correct horse", NOW)
    assert again.certificate == authority.certificate
    assert "BEGIN ENCRYPTED PRIVATE KEY" in (tmp_path / "ca" / KEY).read_text()
    assert mode_of(tmp_path / "ca" / KEY) == 0o600


def test_the_key_is_not_in_the_repr(authority):
    assert "PrivateKey" not in repr(authority)


@pytest.mark.parametrize(
    ("passphrase", "id_"),
    [(None, "tls.authority.passphrase-missing"), ("wrong", "tls.authority.passphrase-wrong")],
)
def test_an_encrypted_key_needs_its_passphrase(tmp_path, passphrase, id_):
    Authority.open(tmp_path, "correct horse", NOW)
    with pytest.raises(ProblemError) as error:
        Authority.open(tmp_path, passphrase, NOW)
    assert ids_of(error) == [id_]


def test_a_key_that_others_can_read_is_refused(tmp_path):
    Authority.open(tmp_path, None, NOW)
    (tmp_path / KEY).chmod(0o640)
    with pytest.raises(ProblemError) as error:
        Authority.open(tmp_path, None, NOW)
    assert ids_of(error) == ["tls.authority.key-mode"]


@pytest.mark.parametrize(
    ("file", "content", "id_"),
    [
        (KEY, "not a key", "tls.authority.key-unreadable"),
        (CERTIFICATE, "not a certificate", "tls.authority.certificate-unreadable"),
    ],
)
def test_a_file_that_is_not_pem_is_refused(tmp_path, file, content, id_):
    Authority.open(tmp_path, None, NOW)
    (tmp_path / file).write_text(content)
    with pytest.raises(ProblemError) as error:
        Authority.open(tmp_path, None, NOW)
    assert ids_of(error) == [id_]


def test_a_key_of_another_authority_is_refused(tmp_path):
    Authority.open(tmp_path / "a", None, NOW)
    Authority.open(tmp_path / "b", None, NOW)
    (tmp_path / "a" / KEY).write_bytes((tmp_path / "b" / KEY).read_bytes())
    with pytest.raises(ProblemError) as error:
        Authority.open(tmp_path / "a", None, NOW)
    assert ids_of(error) == ["tls.authority.mismatch"]


@pytest.mark.parametrize(
    ("now", "id_"),
    [(NOW + 3654 * DAY, "tls.authority.expired"), (NOW - DAY, "tls.authority.not-yet-valid")],
)
@pytest.mark.usefixtures("authority")
def test_an_authority_outside_its_time_is_refused(tmp_path, now, id_):
    with pytest.raises(ProblemError) as error:
        Authority.open(tmp_path / "ca", None, now)
    assert ids_of(error) == [id_]


def test_a_certificate_without_its_key_is_not_replaced(tmp_path):
    Authority.open(tmp_path, None, NOW)
    (tmp_path / KEY).unlink()
    with pytest.raises(ProblemError) as error:
        Authority.open(tmp_path, None, NOW)
    assert ids_of(error) == ["tls.authority.orphan"]


def test_a_directory_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "ca").write_text("")
    with pytest.raises(ProblemError) as error:
        Authority.open(tmp_path / "ca", None, NOW)
    assert ids_of(error) == ["tls.authority.directory"]


def test_what_was_signed_stays_valid_when_a_lost_certificate_is_made_again(tmp_path, authority, chain):
    (tmp_path / "ca" / CERTIFICATE).unlink()
    again = Authority.open(tmp_path / "ca", None, NOW + DAY)
    leaf = x509.load_pem_x509_certificates(chain.encode())[0]
    leaf.verify_directly_issued_by(again.certificate)
    assert again.certificate != authority.certificate


def open_and_tell(directory: Path, queue: "multiprocessing.SimpleQueue[str]") -> None:
    queue.put(Authority.open(directory, None, NOW).certificate_pem)


def test_processes_that_come_at_once_make_one_authority(tmp_path):
    context = multiprocessing.get_context("spawn")
    queue = context.SimpleQueue()
    processes = [context.Process(target=open_and_tell, args=(tmp_path / "ca", queue)) for _ in range(3)]
    for process in processes:
        process.start()
    found = {queue.get() for _ in processes}
    for process in processes:
        process.join()
    assert len(found) == 1


def test_openssl_accepts_the_chain_for_the_name_and_the_address(tmp_path, chain):
    (tmp_path / "leaf.pem").write_text(chain)
    verify = [
        "openssl",
        "verify",
        "-x509_strict",
        "-purpose",
        "sslserver",
        "-attime",
        f"{NOW.timestamp():.0f}",
    ]
    verify += ["-CAfile", str(tmp_path / "ca" / CERTIFICATE)]
    for check in (["-verify_hostname", NAMES[0]], ["-verify_ip", NAMES[1]]):
        subprocess.run([*verify, *check, str(tmp_path / "leaf.pem")], check=True, capture_output=True)


def test_the_names_of_a_leaf_are_never_those_of_the_request(authority, host_key):
    chain = authority.sign(request_of(host_key, "bank.example.org"), NAMES, 90, NOW)
    leaf = x509.load_pem_x509_certificates(chain.encode())[0]
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [NAMES[0]]
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == [NAMES[1]]


def test_a_leaf_never_outlives_its_authority(authority, request_pem):
    late = authority.certificate.not_valid_after_utc - 10 * DAY
    leaf = x509.load_pem_x509_certificates(authority.sign(request_pem, NAMES, 90, late).encode())[0]
    assert leaf.not_valid_after_utc == authority.certificate.not_valid_after_utc


def test_two_leaves_have_two_serial_numbers(authority, request_pem):
    chains = [authority.sign(request_pem, NAMES, 90, NOW).encode() for _ in range(2)]
    first, second = (x509.load_pem_x509_certificates(chain)[0].serial_number for chain in chains)
    assert first != second


def test_a_first_name_too_long_for_a_common_name_is_only_an_alternative_name(authority, request_pem):
    name = ".".join(["a" * 40] * 3)
    leaf = x509.load_pem_x509_certificates(authority.sign(request_pem, [name], 90, NOW).encode())[0]
    assert len(leaf.subject.rdns) == 0
    assert leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).critical


def tampered(request: str) -> str:
    der = bytearray(x509.load_pem_x509_csr(request.encode()).public_bytes(serialization.Encoding.DER))
    der[der.index(b"whatever")] ^= 1
    changed = x509.load_der_x509_csr(bytes(der))
    return changed.public_bytes(serialization.Encoding.PEM).decode()


def test_a_request_that_its_key_did_not_sign_is_refused(authority, request_pem):
    with pytest.raises(ProblemError, match="not signed by its own key"):
        authority.sign(tampered(request_pem), NAMES, 90, NOW)


def test_a_request_that_is_not_pem_is_refused(authority):
    with pytest.raises(ProblemError, match="not a certificate request"):
        authority.sign("Permission denied", NAMES, 90, NOW)


def test_a_request_with_a_weak_key_is_refused(authority):
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - on purpose
    with pytest.raises(ProblemError, match="too weak"):
        authority.sign(request_of(weak), NAMES, 90, NOW)
