"""A renewal leaves the door running; only a door that is started anyway gets its certificates beforehand."""

from collections.abc import Callable
from pathlib import Path

import pytest

from garrison.plan.certificates import bring_certificates, prove_certificates
from garrison.settings import HostSettings
from garrison.snapshot.model import DoorCertificates, Snapshot
from garrison.tls.issuer import AcmeIssuer, FleetIssuer, make_issuer

TLS = {"mode": "acme", "acme": {"directory": "https://acme.example.net/directory"}}


@pytest.fixture
def acme() -> AcmeIssuer:
    issuer = make_issuer(HostSettings.model_validate({"server_names": ("a.test",), "tls": TLS}))
    assert isinstance(issuer, AcmeIssuer)
    return issuer


@pytest.fixture
def fleet(tmp_path: Path) -> FleetIssuer:
    return FleetIssuer(HostSettings(server_names=("a.test",), ca_dir=tmp_path))


def titles(steps: object) -> list[str]:
    return [step.title.split(",")[0] for step in steps]  # type: ignore[attr-defined] # steps


def test_an_acme_host_without_certificates_gets_a_stopgap_first(
    bare: Callable[..., Snapshot], acme: AcmeIssuer
) -> None:
    assert titles(bring_certificates(bare(), acme, later=True)) == ["make certificates that nobody trusts"]
    assert titles(prove_certificates(bare(), acme, deferred=True)) == [
        "prove that the door serves its certificates",
        "have https://acme.example.net/directory issue certificates",
        "renew and measure certificates by a timer",
    ]


def test_a_host_with_certificates_keeps_them_until_the_server_has_issued(
    bare: Callable[..., Snapshot], acme: AcmeIssuer
) -> None:
    found = bare().model_copy(update={"certificates": DoorCertificates(source="fleet", chains={"rsa": "x"})})
    assert titles(bring_certificates(found, acme, later=False)) == []


def test_what_was_begun_and_not_finished_is_finished(
    bare: Callable[..., Snapshot], fleet: FleetIssuer
) -> None:
    found = bare().model_copy(update={"certificates": DoorCertificates(unproven=True)})
    assert "prove that the door serves its certificates" in titles(
        prove_certificates(found, fleet, deferred=False)
    )


def test_the_fleets_ca_signs_before_the_door_starts(
    bare: Callable[..., Snapshot], fleet: FleetIssuer
) -> None:
    assert titles(bring_certificates(bare(), fleet, later=True)) == ["issue certificates for a.test"]
