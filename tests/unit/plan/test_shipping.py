"""The journal goes to the collector that the inventory names, and to nobody once it names none."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from garrison.plan.host import plan_host
from garrison.plan.hostfiles import BROUGHT, SHIPPING_FILES, render_host_files
from garrison.plan.question import SHIPPING_PACKAGES, ask_about, packages_for
from garrison.plan.shipping import end_shipping, keep_from_starting, keep_sending
from garrison.plan.step import Command, Step
from garrison.plan.wanted import Wanted
from garrison.settings import HostSettings
from garrison.shipping import LogShipping
from garrison.snapshot.model import Snapshot
from tests.unit.controls.facts import NOTHING

COLLECTOR = {"server": "logs.example.net"}
CONFIG, CA, UNIT, START = SHIPPING_FILES
OWED = "/var/lib/garrison/pending/shipping"


@pytest.fixture
def ships(root: Path, wanted: Wanted) -> Callable[..., Wanted]:
    """The host with a collector in its inventory."""

    def make(**more: Any) -> Wanted:
        settings = HostSettings(
            server_names=("host.example",), log_shipping=LogShipping.model_validate(COLLECTOR | more)
        )
        files = render_host_files(settings, root / "templates", b"podman-compose", frozenset(), measured=())
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


def test_a_host_that_shows_a_certificate_hears_that_it_is_refused_before_it_sends(
    ships: Callable[..., Wanted],
) -> None:
    found = text(ships(certificate="/etc/ssl/host.crt", key="/etc/ssl/private/host.key"), CONFIG)
    assert 'gnutlsPriorityString="MinProtocol=TLSv1.2\\nMaxProtocol=TLSv1.2"' in found
    assert 'gnutlsPriorityString="MinProtocol=TLSv1.2"' in text(ships(), CONFIG)


@pytest.mark.parametrize(
    "wrong",
    [
        {"certificate": "/etc/ssl/host.crt"},
        {"server": 'x" target="other'},
        {"name": "Logs_"},
        {"server": "192.0.2.7"},
        {"name": "2001:db8::7"},
        {"port": 0},
        {"key": "host.key", "certificate": "host.crt"},
        {"tls": False},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        LogShipping.model_validate(COLLECTOR | wrong)


def test_an_address_needs_the_name_of_whoever_is_there(ships: Callable[..., Wanted]) -> None:
    found = text(ships(server="192.0.2.7", name="logs.example.net"), CONFIG)
    assert 'target="192.0.2.7"' in found
    assert 'PermittedPeers="logs.example.net"' in found
    with pytest.raises(ValidationError, match=r"192\.0\.2\.7 is an address; say as name which DNS name"):
        LogShipping.model_validate({"server": "192.0.2.7"})


def test_a_configuration_that_rsyslogd_refuses_fails_whoever_starts_it(ships: Callable[..., Wanted]) -> None:
    assert 'abortOnUncleanConfig="on"' in text(ships(), CONFIG)
    assert "\nType=notify\n" in text(ships(), UNIT)


def test_debian_s_own_unit_is_kept_from_starting_before_its_package_comes(
    ships: Callable[..., Wanted], bare: Callable[..., Snapshot], wanted: Wanted
) -> None:
    assert lines(keep_from_starting(bare(), ships())) == [
        "mkdir -p /var/lib/garrison",
        f"touch {BROUGHT}",
        "systemctl mask rsyslog.service",
    ]
    there = bare(lambda document: document["packages"].update(rsyslog="8"))
    assert lines(keep_from_starting(there, ships())) == []
    assert lines(keep_from_starting(bare(), wanted)) == []


def test_once_nobody_is_named_what_was_laid_down_goes_and_goes_last(
    bare: Callable[..., Snapshot], wanted: Wanted
) -> None:
    stop, remove, forget, withdraw, tell = lines(end_shipping(bare(with_files(CONFIG, UNIT, START)), wanted))
    assert stop == f"test ! -e {UNIT} || systemctl stop garrison-shipping.service"
    assert remove.startswith(f"test ! -e {BROUGHT} || {{ ")  # whoever had rsyslog before keeps it
    assert remove.endswith(f"systemctl unmask rsyslog.service && rm -f {BROUGHT}; }}")
    # Another collector, later, is sent the journal from its beginning.
    assert forget == "rm -rf /var/lib/garrison-shipping /var/lib/private/garrison-shipping"
    assert all(path in withdraw for path in (CONFIG, UNIT, START))
    assert tell.startswith("systemctl daemon-reload && ")
    assert tell.endswith(f"rm -f {OWED}")
    assert lines(end_shipping(bare(), wanted)) == []


def test_a_run_that_was_cut_short_before_the_package_came_leaves_nothing_for_good(
    bare: Callable[..., Snapshot], wanted: Wanted
) -> None:
    _, remove, *_ = lines(end_shipping(bare(with_files(BROUGHT)), wanted))
    assert "systemctl unmask rsyslog.service" in remove


def test_what_a_run_failed_to_start_is_tried_again_once_what_mends_it_is_laid(
    bare: Callable[..., Snapshot], ships: Callable[..., Wanted], wanted: Wanted
) -> None:
    def told(wants: Wanted, *there: str) -> list[int]:
        """Where the unit is restarted, counted in steps from the first that lays files down."""
        steps = plan_host(bare(with_files(OWED, *there)), wants).steps
        laid = next(number for number, step in enumerate(steps) if step.title.startswith("lay down programs"))
        return [
            number - laid for number, step in enumerate(steps) if any(OWED in one for one in lines([step]))
        ]

    assert told(ships()) == [0]
    assert told(wanted, CONFIG, UNIT, START)[0] > 0  # it ends, so it isn't started before
    assert told(wanted)[0] > 0


@pytest.mark.parametrize("state", ["inactive", "failed", "activating"])
def test_a_unit_that_does_not_run_is_started_again(
    bare: Callable[..., Snapshot], ships: Callable[..., Wanted], wanted: Wanted, state: str
) -> None:
    def laid(active: str) -> Callable[[dict[str, Any]], None]:
        """All files as they should be, and the unit in this state."""

        def change(document: dict[str, Any]) -> None:
            for path, file in ships().host_files.items():
                digest = sha256(file.content).hexdigest()
                document["files"][path] = {"sha256": digest, "mode": file.mode, "uid": 0, "gid": 0}
            unit = {"load": "loaded", "enabled": "static", "active": active}
            document["host"] = NOTHING | {"units": {"garrison-shipping.service": unit}}

        return change

    (step,) = keep_sending(bare(laid(state)), ships())
    assert step.why == f"garrison-shipping.service is {state}"
    assert step in plan_host(bare(laid(state)), ships()).steps
    assert "systemctl restart garrison-shipping.service" in lines([step])[0]
    assert list(keep_sending(bare(laid("active")), ships())) == []
    assert list(keep_sending(bare(laid(state)), wanted)) == []
    assert (
        list(keep_sending(bare(laid(state)), ships(port=1))) == []
    )  # its files are laid, and it starts with them


def test_the_host_is_asked_about_the_unit_where_it_should_run(
    ships: Callable[..., Wanted], wanted: Wanted
) -> None:
    def asked(settings: HostSettings) -> list[str]:
        return list(json.loads(ask_about(settings))["host"]["units"])

    assert "garrison-shipping.service" in asked(ships().settings)
    assert "garrison-shipping.service" not in asked(wanted.settings)


def test_an_authority_that_is_no_longer_named_goes_alone(
    bare: Callable[..., Snapshot], ships: Callable[..., Wanted]
) -> None:
    (withdraw,) = lines(end_shipping(bare(with_files(*SHIPPING_FILES)), ships()))
    assert CA in withdraw
    assert UNIT not in withdraw


def test_what_is_taken_away_waits_for_whoever_installs_something(
    bare: Callable[..., Snapshot], wanted: Wanted
) -> None:
    _, remove, *_ = lines(end_shipping(bare(with_files(BROUGHT)), wanted))
    assert "apt-get -o DPkg::Lock::Timeout=300 -qq purge -y rsyslog" in remove
