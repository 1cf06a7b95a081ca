"""Certificates' way to the door: request, signature, installation, change, and the way back."""

import base64
import json
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from garrison.tls.authority import Authority
from tests.unit.hostside.conftest import Host
from tests.unit.hostside.doors import NAMES, Door

NOW = datetime.now(UTC)
Renew = Callable[..., tuple[int, str]]


@pytest.fixture
def door(host: Host, monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    made = Door(host)
    for name, value in (
        ("ETC", made.etc),
        ("STATE", made.state),
        ("SUBORDINATE", made.etc),
        ("PATIENCE", 60),
    ):
        monkeypatch.setenv(f"GARRISON_{name}", str(value))
    made.tell()
    yield made
    made.close()


@pytest.fixture
def authority(door: Door, tmp_path: Path) -> Authority:
    made = Authority.open(tmp_path / "ca", None, NOW)
    (door.etc / "ca.crt").write_text(made.certificate_pem)
    return made


@pytest.fixture
def renew(host: Host, authority: Authority) -> Renew:
    """What the fleet's controller does; the exit code and what was said."""

    def run(*words: str, names: list[str] = NAMES, days: int = 90, now: datetime = NOW) -> tuple[int, str]:
        requests = json.loads(host.run("tls-request").stdout)
        chains = [authority.sign(request, names, days, now) for request in requests.values()]
        done = host.run("tls-install", *words, stdin=encode({"source": "fleet", "chains": chains}))
        return done.returncode, done.stdout + done.stderr

    return run


def encode(content: object) -> str:
    text = content if isinstance(content, str) else json.dumps(content)
    return base64.encodebytes(text.encode()).decode()


@pytest.mark.usefixtures("door")
def test_a_request_for_each_kind_of_key_names_the_host(host: Host) -> None:
    requests = json.loads(host.run("tls-request").stdout)
    ecdsa, rsa = (x509.load_pem_x509_csr(requests[kind].encode()) for kind in ("ecdsa", "rsa"))
    assert isinstance(ecdsa.public_key(), EllipticCurvePublicKey)
    assert isinstance(rsa.public_key(), RSAPublicKey)
    names = rsa.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["lab.example.org"]


def test_keys_are_roots_alone_and_in_no_output(host: Host, door: Door) -> None:
    done = host.run("tls-request")
    for kind in ("ecdsa", "rsa"):
        key = door.state / "tls" / f"{kind}.key"
        assert (stat.S_IMODE(key.stat().st_mode), stat.S_IMODE(key.parent.stat().st_mode)) == (0o600, 0o700)
        assert key.read_text().splitlines()[1] not in done.stdout + done.stderr


@pytest.mark.parametrize("name", ["lab/O=x", "a b", "", "lab\n"])
def test_a_name_that_would_change_the_subject_is_refused(host: Host, door: Door, name: str) -> None:
    door.tell(names=[name])
    done = host.run("tls-request")
    assert done.returncode == 1
    assert "server_names" in done.stderr


def test_new_certificates_are_served_and_those_before_are_gone(door: Door, renew: Renew) -> None:
    assert renew("--later")[0] == 0
    first = door.live
    assert renew() == (0, "")
    assert door.serving.name == door.live != first
    assert sorted(path.name for path in door.tls.iterdir()) == sorted(["live", door.live])


def test_keys_belong_to_the_door_and_only_it_reads_them(door: Door, renew: Renew) -> None:
    renew("--later")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (door.tls / "live").iterdir()}
    assert {name: f"{mode:04o}" for name, mode in modes.items()} == {
        "ecdsa.crt": "0644", "ecdsa.key": "0400", "rsa.crt": "0644", "rsa.key": "0400",
        "source": "0644", "certificates.conf": "0644",
    }  # fmt: skip
    assert list((door.state / "tls").glob("*.key")) == []


def test_a_door_that_does_not_take_them_gets_the_earlier_ones_back(
    door: Door, renew: Renew, monkeypatch: pytest.MonkeyPatch
) -> None:
    renew()
    first = door.live
    monkeypatch.setenv("GARRISON_PATIENCE", "1")
    door.be_stubborn()
    code, said = renew()
    assert (code, "The earlier one is served again." in said) == (1, True), said
    assert (door.live, door.serving.name) == (first, first)
    assert not (door.tls / "unproven").exists()


BAD = {
    "for another name": ({"names": ["elsewhere.test"]}, "Hostname mismatch"),
    "expired": ({"now": NOW - timedelta(days=100)}, "certificate has expired"),
    "not valid yet": ({"now": NOW + timedelta(days=2)}, "certificate is not yet valid"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_a_client_would_refuse_never_reaches_the_door(door: Door, renew: Renew, case: str) -> None:
    renew()
    before = door.live
    changes, said = BAD[case]
    code, words = renew(**changes)
    assert (code, said.lower() in words.lower(), "timedatectl" in words) == (1, True, True), words
    assert (door.live, door.serving.name) == (before, before)


def test_a_chain_of_a_ca_that_the_host_does_not_know_is_refused(
    door: Door, renew: Renew, tmp_path: Path
) -> None:
    other = Authority.open(tmp_path / "other", None, NOW)
    (door.etc / "ca.crt").write_text(other.certificate_pem)
    code, words = renew()
    assert (code, "extra_ca_certificates" in words) == (1, True), words


def test_a_chain_for_other_keys_is_refused_and_the_old_one_stays(
    host: Host, door: Door, renew: Renew, authority: Authority
) -> None:
    renew()
    before = door.live
    requests = json.loads(host.run("tls-request").stdout)
    chains = [authority.sign(request, NAMES, 90, NOW) for request in requests.values()]
    host.run("tls-request")
    done = host.run("tls-install", stdin=encode({"source": "fleet", "chains": chains}))
    assert (done.returncode, "doesn't belong" in done.stderr, door.live) == (1, True, before)


@pytest.mark.parametrize("killed_after", ["the journal", "the link", "the reload"])
def test_a_change_that_was_killed_is_finished_by_the_next_run(
    host: Host, door: Door, renew: Renew, killed_after: str
) -> None:
    renew()
    first = door.live
    renew("--later")
    second = door.live
    if killed_after == "the journal":
        (door.tls / "live").unlink()
        (door.tls / "live").symlink_to(first)
    if killed_after == "the reload":
        (host.lib / "serving").write_text(second)
    assert door.serving.name == (second if killed_after == "the reload" else first)
    done = host.run("tls-renew")
    assert (done.returncode, done.stderr) == (0, "")
    assert door.serving.name == door.live == (first if killed_after == "the journal" else second)
    assert not (door.tls / "unproven").exists()


def test_a_door_that_is_down_is_proven_when_it_runs(host: Host, door: Door, renew: Renew) -> None:
    (host.lib / "state").write_text("inactive\n")
    assert renew()[0] == 0
    assert (door.tls / "unproven").exists()
    (host.lib / "state").write_text("active\n")
    assert host.run("tls-switch", "--settle").returncode == 0
    assert not (door.tls / "unproven").exists()


def test_the_end_of_certificates_is_a_metric(door: Door, renew: Renew) -> None:
    renew()
    file = door.state / "metrics" / "tls.prom"
    lines = dict(line.rsplit(" ", 1) for line in file.read_text().splitlines() if not line.startswith("#"))
    label = '{kind="rsa",mode="fleet"}'
    ends = x509.load_pem_x509_certificate((door.tls / "live" / "rsa.crt").read_bytes()).not_valid_after_utc
    assert lines[f"garrison_tls_certificate_not_after_timestamp_seconds{label}"] == f"{ends.timestamp():.0f}"
    assert lines[f"garrison_tls_certificate_served{label}"] == "1"
    assert stat.S_IMODE(file.stat().st_mode) == 0o644


def test_a_certificate_that_is_not_served_is_told(host: Host, renew: Renew) -> None:
    renew()
    (host.lib / "serving").write_text("nothing")
    found = json.loads(host.run("tls-status").stdout)
    assert [one["served"] for one in found["certificates"].values()] == [False, False]


@pytest.mark.usefixtures("door")
def test_a_stopgap_lets_a_door_start(host: Host) -> None:
    assert host.run("tls-stopgap").returncode == 0
    host.run("tls-switch", "--settle")
    found = json.loads(host.run("tls-status").stdout)
    assert (found["source"], found["certificates"]["ecdsa"]["served"]) == ("stopgap", True)


def test_a_renewal_that_fails_is_noted_for_who_looks(host: Host, door: Door) -> None:
    door.tell(mode="acme", source="acme https://ca.test", acme={"directory": "https://ca.test"})
    host.add_program("tls-acme", "#!/bin/sh\necho 'https://ca.test can not be reached.' >&2\nexit 1\n")
    assert host.run("tls-renew").returncode == 1
    assert (
        json.loads(host.run("tls-status").stdout)["last_run"]["fault"]
        == "https://ca.test can not be reached."
    )
    assert "garrison_tls_renewal_last_run_failed 1" in (door.state / "metrics" / "tls.prom").read_text()


def test_nothing_is_renewed_before_a_third_is_left(host: Host, door: Door, renew: Renew) -> None:
    renew()
    door.tell(mode="acme", acme={"directory": "https://ca.test"})
    host.add_program("tls-acme", "#!/bin/sh\necho due >&2\nexit 1\n")
    assert host.run("tls-renew").returncode == 0
    renew(days=90, now=NOW - timedelta(days=61))
    assert (host.run("tls-renew").returncode, host.run("tls-renew").stderr) == (1, "due\n")


@pytest.mark.parametrize("stdin", ["", "%%%", encode("hello"), encode([]), encode({"chains": []}), "w4k="])
def test_input_that_is_no_certificate_is_refused(host: Host, door: Door, stdin: str) -> None:
    host.run("tls-request")
    done = host.run("tls-install", stdin=stdin)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert not door.tls.exists()


def test_a_folder_that_is_a_link_is_never_followed(door: Door, renew: Renew, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    door.tls.symlink_to(tmp_path / "elsewhere")
    assert renew()[0] == 1
    assert list((tmp_path / "elsewhere").iterdir()) == []
