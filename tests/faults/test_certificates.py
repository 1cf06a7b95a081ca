"""A certificate, key or CA that is no good is found before the first change, on a bare host and on a served one."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults.certificates import LONG_AGO, TestAuthority, key_pem
from tests.faults.conftest import Deploy, Second
from tests.faults.machine import Machine, list_changes
from tests.faults.runs import Workplace, assert_refused

NOW = datetime.now(UTC)


def good(names: list[str]) -> tuple[str, str]:
    return TestAuthority().issue(*names)


def mismatched(names: list[str]) -> tuple[str, str]:
    return good(names)[0], good(names)[1]


def expired(names: list[str]) -> tuple[str, str]:
    return TestAuthority(NOW - timedelta(days=100)).issue(*names)


def misnamed(_names: list[str]) -> tuple[str, str]:
    return good(["elsewhere.test"])


def garbage(names: list[str]) -> tuple[str, str]:
    return "no certificate", good(names)[1]


def garbage_key(names: list[str]) -> tuple[str, str]:
    return good(names)[0], "no key"


def encrypted(names: list[str]) -> tuple[str, str]:
    authority = TestAuthority()
    return authority.issue(*names)[0], key_pem(authority.key, "sesame")


def disordered(names: list[str]) -> tuple[str, str]:
    chain, key = good(names)
    end = "-----END CERTIFICATE-----\n"
    leaf, authority, _ = chain.split(end)
    return authority + end + leaf + end, key


FAULTS = {
    "a chain out of order": (
        disordered,
        "is not the first of the chain",
        "Put the host's own certificate first",
    ),
    "the key of another": (mismatched, "the certificate does not belong to", "Bring the key"),
    "an expired one": (expired, "certificate 1 of 2", "Renew it."),
    "one for other names": (misnamed, "it does not cover", "server_names"),
    "no certificate": (garbage, "this is no certificate in PEM.", "It must hold"),
    "no key": (garbage_key, "this is no private key in PEM.", "It must be one"),
    "an encrypted key": (encrypted, "the key is encrypted.", "openssl pkey"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_certificate_of_the_users_own(unchanged: Machine, workplace: Workplace, fault: str) -> None:
    make, what, remedy = FAULTS[fault]
    chain, key = make(unchanged.data["server_names"])
    own = bring(workplace, chain, key)
    assert_refused(workplace.deploy(workplace.inventory(unchanged, tls=own)), what, remedy)


def bring(workplace: Workplace, chain: str, key: str) -> dict[str, str]:
    (workplace.folder / "own.pem").write_text(chain)
    (workplace.folder / "own.key").write_text(key)
    return {"mode": "own", "certificate": "own.pem", "key": "own.key"}


def test_a_certificate_that_is_not_there(unchanged: Machine, workplace: Workplace) -> None:
    own = {"mode": "own", "certificate": "own.pem", "key": "own.key"}
    run = workplace.deploy(workplace.inventory(unchanged, tls=own))
    assert_refused(run, "own.pem: can't be read", "own.key: can't be read")


def expired_ca(folder: Path) -> None:
    TestAuthority(LONG_AGO).save(folder)


def sealed_ca(folder: Path) -> None:
    TestAuthority().save(folder, "sesame")


def open_ca(folder: Path) -> None:
    TestAuthority().save(folder)
    (folder / "ca.key").chmod(0o644)


def lost_ca(folder: Path) -> None:
    TestAuthority().save(folder)
    (folder / "ca.key").unlink()


def strange_ca(folder: Path) -> None:
    TestAuthority().save(folder)
    (folder / "ca.crt").write_text(TestAuthority().pem)


AUTHORITIES = {
    "expired": (expired_ca, {}, "the fleet's CA expired on", "to begin a new CA"),
    "a wrong passphrase": (
        sealed_ca, {"GARRISON_CA_PASSPHRASE": "pepper"}, "the passphrase doesn't open", "the one it was made with"
    ),
    "no passphrase": (sealed_ca, {}, "the CA's key is encrypted", "Set GARRISON_CA_PASSPHRASE"),
    "a key that others read": (open_ca, {}, "others can read or change the CA's key", "chmod 0600"),
    "a lost key": (lost_ca, {}, "the CA's certificate is here but its key", "from a backup"),
    "two halves": (strange_ca, {}, "the certificate doesn't belong to ca.key", "Restore the two files"),
}  # fmt: skip


@pytest.mark.parametrize("fault", AUTHORITIES)
def test_a_ca_on_the_way_to_a_bare_host(unchanged: Machine, workplace: Workplace, fault: str) -> None:
    make, environment, what, remedy = AUTHORITIES[fault]
    make(workplace.folder / "fleet")
    run = workplace.deploy(workplace.inventory(unchanged, ca_dir="fleet"), **environment)
    assert_refused(run, what, remedy)


@pytest.mark.parametrize("fault", ["expired", "a wrong passphrase"])
def test_a_ca_on_the_way_to_a_host_that_serves(second: Second, workplace: Workplace, fault: str) -> None:
    make, environment, what, remedy = AUTHORITIES[fault]
    make(workplace.folder / "fleet")
    before = second.machine.picture()
    changes = second.changes | {"ca_dir": "fleet"}
    run = workplace.deploy(workplace.inventory(second.machine, **changes), **environment)
    assert_refused(run, what, remedy)
    assert list_changes(before, second.machine.picture()) == []


@pytest.mark.usefixtures("healed")
def test_a_good_certificate_of_the_users_own_is_served(
    second: Second, deploy: Deploy, workplace: Workplace
) -> None:
    authority = TestAuthority()
    chain, key = authority.issue(*second.machine.data["server_names"])
    root = workplace.folder / "root.crt"
    root.write_text(authority.pem)
    trusted = [*second.changes["extra_ca_certificates"], str(root)]
    run = deploy(tls=bring(workplace, chain, key), extra_ca_certificates=trusted)
    assert run.code == 0, run.said
    assert chain.startswith(ssl.get_server_certificate((second.machine.address, 8443)))
