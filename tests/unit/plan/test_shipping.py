"""The journal goes to the collector that the inventory names, and to nobody once it names none."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from garrison.plan.hostfiles import SHIPPING_FILES, render_host_files
from garrison.plan.shipping import end_shipping, keep_from_starting
from garrison.plan.step import Command, Step
from garrison.plan.wanted import SHIPPING_PACKAGES, Wanted, packages_for
from garrison.settings import HostSettings
from garrison.shipping import LogShipping
from garrison.snapshot.model import Snapshot

COLLECTOR = {"server": "logs.example.net"}
CONFIG, CA, UNIT, START = SHIPPING_FILES


@pytest.fixture
def ships(root: Path, wanted: Wanted) -> Callable[..., Wanted]:
    """The host with a collector in its inventory."""

    def make(**more: Any) -> Wanted:
        settings = HostSettings(
            server_names=("host.example",), log_shipping=LogShipping.model_validate(COLLECTOR | more)
        )
        files = render_host_files(settings, root / "templates", b"podman-compose", frozenset())
        return replace(wanted, settings=settings, host_files=files, packages=packages_for(settings))

    return make


def lines(steps: Iterable[Step]) -> list[str]:
    return [one.line for step in steps for one in step.commands if isinstance(one, Command)]


def text(wanted: Wanted, path: str) -> str:
    return wanted.host_files[path].content.decode()


def with_files(*paths: str) -> Callable[[dict[str, Any]], None]:
    state = {"sha256": "0" * 64, "mode": 0o644, "uid": 0, "gid": 0}
    return lambda document: document["files"].update(dict.fromkeys(paths, state))


def test_without_a_collector_nothing_is_laid_down_or_installed(wanted: Wanted) -> None:
    assert not set(SHIPPING_FILES) & wanted.host_files.keys()
    assert not set(SHIPPING_PACKAGES) & set(packages_for(wanted.settings))


def test_the_collector_must_show_a_certificate_of_its_own_name(ships: Callable[..., Wanted]) -> None:
    found = text(ships(), CONFIG)
    for word in (
        'target="logs.example.net" port="6514"',
        'StreamDriverMode="1"',
        'StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="logs.example.net"',
        'defaultNetstreamDriverCAFile="/etc/ssl/certs/ca-certificates.crt"',
    ):
        assert word in found
    assert 'PermittedPeers="collector.example"' in text(ships(name="collector.example"), CONFIG)


def test_who_vouches_for_the_collector_can_be_named(ships: Callable[..., Wanted], tmp_path: Path) -> None:
    authority = tmp_path / "ca.crt"
    authority.write_bytes(b"a certificate")
    found = ships(ca=authority)
    assert f'defaultNetstreamDriverCAFile="{CA}"' in text(found, CONFIG)
    assert found.host_files[CA].content == b"a certificate"


def test_the_host_can_show_who_it_is_by_files_of_its_own(ships: Callable[..., Wanted]) -> None:
    found = ships(certificate="/etc/ssl/host.crt", key="/etc/ssl/private/host.key")
    folder = "/run/credentials/garrison-shipping.service"
    assert "LoadCredential=client.key:/etc/ssl/private/host.key" in text(found, UNIT)
    assert f'defaultNetstreamDriverKeyFile="{folder}/client.key"' in text(found, CONFIG)
    assert "LoadCredential" not in text(ships(), UNIT)


@pytest.mark.parametrize(
    "wrong",
    [
        {"certificate": "/etc/ssl/host.crt"},
        {"server": 'x" target="other'},
        {"name": "Logs_"},
        {"port": 0},
        {"key": "host.key", "certificate": "host.crt"},
        {"tls": False},
    ],
    ids=lambda wrong: "-".join(wrong),
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        LogShipping.model_validate(COLLECTOR | wrong)


def test_debian_s_own_unit_is_kept_from_starting_before_its_package_comes(
    ships: Callable[..., Wanted], bare: Callable[..., Snapshot], wanted: Wanted
) -> None:
    assert lines(keep_from_starting(bare(), ships())) == ["systemctl mask rsyslog.service"]
    there = bare(lambda document: document["packages"].update(rsyslog="8"))
    assert lines(keep_from_starting(there, ships())) == []
    assert lines(keep_from_starting(bare(), wanted)) == []


def test_once_nobody_is_named_what_was_laid_down_goes_and_goes_last(
    bare: Callable[..., Snapshot], wanted: Wanted
) -> None:
    stop, remove, withdraw, _ = lines(end_shipping(bare(with_files(CONFIG, UNIT, START)), wanted))
    assert stop.startswith("systemctl stop garrison-shipping.service")
    assert "!= masked || {" in remove  # whoever had rsyslog before keeps it
    assert all(path in withdraw for path in (CONFIG, UNIT, START))
    assert lines(end_shipping(bare(), wanted)) == []


def test_an_authority_that_is_no_longer_named_goes_alone(
    bare: Callable[..., Snapshot], ships: Callable[..., Wanted]
) -> None:
    (withdraw,) = lines(end_shipping(bare(with_files(*SHIPPING_FILES)), ships()))
    assert CA in withdraw
    assert UNIT not in withdraw
