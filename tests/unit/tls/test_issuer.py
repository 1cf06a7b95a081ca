"""Each source of certificates says when new ones are due, for each kind of key by itself."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import ValidationError

from garrison.problem import ProblemError
from garrison.settings import HostSettings, TlsSettings
from garrison.snapshot.model import DoorCertificates
from garrison.tls.authority import Authority
from garrison.tls.issuer import AcmeIssuer, FleetIssuer, OwnIssuer, make_issuer
from tests.unit.tls.conftest import request_of

NAMES = ("lab.example.org",)
DIRECTORY = "https://acme.example.net/directory"
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
def fleet(tmp_path: Path) -> FleetIssuer:
    return FleetIssuer(HostSettings(server_names=NAMES, ca_dir=tmp_path / "ca"))


@pytest.fixture
def signed(fleet: FleetIssuer, host_key, rsa_key):
    """Chains of both kinds by the fleet's CA, begun so many days ago."""

    def make(days_ago: int = 0) -> dict[str, str]:
        now = NOW - timedelta(days=days_ago)
        authority = Authority.open(fleet.settings.ca_dir, None, NOW - timedelta(days=100))
        keys = {"ecdsa": host_key, "rsa": rsa_key}
        return {kind: authority.sign(request_of(key), NAMES, 90, now) for kind, key in keys.items()}

    return make


def test_the_fleet_asks_for_nothing_while_both_are_good(fleet: FleetIssuer, signed) -> None:
    assert fleet.reason_to_renew(DoorCertificates(source="fleet", chains=signed())) is None


@pytest.mark.parametrize("kind", ["ecdsa", "rsa"])
def test_the_fleet_renews_when_either_is_missing_or_old(fleet: FleetIssuer, signed, kind: str) -> None:
    new, old = signed(), signed(61)
    without = {name: chain for name, chain in new.items() if name != kind}
    missing = fleet.reason_to_renew(DoorCertificates(chains=without))
    assert missing == f"{kind.upper()}: there is no certificate"
    aged = fleet.reason_to_renew(DoorCertificates(chains=new | {kind: old[kind]}))
    assert aged is not None
    assert aged.startswith(f"{kind.upper()}: less than a third")


@pytest.fixture
def acme() -> AcmeIssuer:
    tls = {"mode": "acme", "acme": {"directory": DIRECTORY}}
    issuer = make_issuer(HostSettings.model_validate({"server_names": NAMES, "tls": tls}))
    assert isinstance(issuer, AcmeIssuer)
    return issuer


def test_an_acme_server_is_asked_where_the_certificates_are_somebody_elses(acme: AcmeIssuer, signed) -> None:
    found = DoorCertificates(source="fleet", chains=signed())
    assert acme.reason_to_renew(found) == "the host has none of this server yet"


def test_an_acme_server_is_left_alone_while_its_certificates_are_good(acme: AcmeIssuer, signed) -> None:
    assert acme.reason_to_renew(DoorCertificates(source=f"acme {DIRECTORY}", chains=signed())) is None
    old = DoorCertificates(source=f"acme {DIRECTORY}", chains=signed(61))
    assert "a third" in (acme.reason_to_renew(old) or "")


@pytest.fixture
def brought(signed, tmp_path: Path, host_key, rsa_key) -> dict[str, tuple[str, str]]:
    """Certificate and key of each kind as files."""
    files = {}
    for kind, key in {"ecdsa": host_key, "rsa": rsa_key}.items():
        chain, path = tmp_path / f"{kind}.pem", tmp_path / f"{kind}.key"
        chain.write_text(signed()[kind])
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        files[kind] = str(chain), str(path)
    return files


def own(*files: tuple[str, str]) -> HostSettings:
    tls = {"mode": "own", "certificate": [one for one, _ in files], "key": [key for _, key in files]}
    return HostSettings.model_validate({"server_names": NAMES, "tls": tls})


def test_a_user_may_bring_both_kinds(brought: dict[str, tuple[str, str]]) -> None:
    issuer = make_issuer(own(brought["ecdsa"], brought["rsa"]))
    assert isinstance(issuer, OwnIssuer)
    assert [one.kind for one in issuer.brought] == ["ecdsa", "rsa"]


def test_two_of_one_kind_are_refused(brought: dict[str, tuple[str, str]]) -> None:
    with pytest.raises(ProblemError, match="it is a second RSA one"):
        make_issuer(own(brought["rsa"], brought["rsa"]))


BAD = {
    "a key without a certificate": ({"mode": "own", "key": "a.key"}, "mode 'own' needs"),
    "three of them": ({"mode": "own", "certificate": ["a"] * 3, "key": ["b"] * 3}, "mode 'own' needs"),
    "files with another mode": ({"certificate": "a", "key": "b"}, "belong to mode 'own'"),
    "no server": ({"mode": "acme"}, "needs 'acme' with the server's 'directory'"),
    "a server in the clear": ({"mode": "acme", "acme": {"directory": "http://a.test/"}}, "pattern"),
    "a server with another mode": ({"acme": {"directory": DIRECTORY}}, "no other mode does"),
    "dns-01 without a hook": (
        {"mode": "acme", "acme": {"directory": DIRECTORY, "challenge": "dns-01"}}, "needs 'hook'"),
    "a hook that nobody calls": (
        {"mode": "acme", "acme": {"directory": DIRECTORY, "hook": "/usr/local/sbin/x"}}, "no other challenge does"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_settings_that_do_not_fit_are_refused(case: str) -> None:
    said, words = BAD[case]
    with pytest.raises(ValidationError, match=words):
        TlsSettings.model_validate(said)
