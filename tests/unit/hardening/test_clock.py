"""Who keeps the clock, and whom it asks: settled where nobody did, and never over anybody's wish."""

import pytest

from garrison.controls.code.system import TIMESYNCD
from garrison.hardening.clock import PATH, plan_clock
from garrison.snapshot.model import Snapshot
from tests.unit.controls.facts import NOTHING
from tests.unit.hardening.fresh import chosen, laid
from tests.unit.hardening.seen import lines, seen


def told(**keys: str) -> Snapshot:
    values = {f"Time.{key}": value for key, value in keys.items()}
    return seen(**NOTHING | {"config": {TIMESYNCD: values}})


def test_servers_are_named_where_nobody_does() -> None:
    (step,) = plan_clock(told(), chosen("baseline"))
    assert "FallbackNTP=0.debian.pool.ntp.org\n" in laid([step])[PATH]
    assert any("try-restart systemd-timesyncd" in line for line in lines(step))


@pytest.mark.parametrize(
    "keys", [{"NTP": "time.example"}, {"FallbackNTP": "time.example"}, {"FallbackNTP": ""}]
)
def test_whoever_said_whom_to_ask_is_left_alone(keys: dict[str, str]) -> None:
    assert list(plan_clock(told(**keys), chosen("strict"))) == []


def test_a_host_of_which_nothing_is_known_is_left_alone() -> None:
    assert list(plan_clock(seen(**NOTHING | {"config": {}}), chosen("strict"))) == []


def kept_by(container: str = "none", **daemons: str) -> Snapshot:
    """Each daemon as ``load/enabled/active``, on a host that says whom to ask."""
    units = {}
    for name, said in daemons.items():
        load, enabled, active = said.split("/")
        units[f"{name.replace('_', '-')}.service"] = {"load": load, "enabled": enabled, "active": active}
    kernel = NOTHING["kernel"] | {"container": container}
    config = {TIMESYNCD: {"Time.NTP": "time.example"}}
    return seen(**NOTHING | {"units": units, "kernel": kernel, "config": config})


def test_a_daemon_that_somebody_stopped_keeps_the_clock_again() -> None:
    (step,) = plan_clock(kept_by(systemd_timesyncd="loaded/disabled/inactive"), chosen("baseline"))
    assert lines(step) == ["systemctl enable -q --now systemd-timesyncd.service"]


@pytest.mark.parametrize(
    "daemons",
    [
        {"systemd_timesyncd": "loaded/enabled/active"},
        {"chrony": "loaded/enabled/active", "systemd_timesyncd": "loaded/disabled/inactive"},
        {"systemd_timesyncd": "masked/masked/inactive"},
        {"systemd_timesyncd": "not-found//inactive"},
        {},
    ],
)
def test_no_second_daemon_is_started_nor_one_that_is_masked_or_not_there(daemons: dict[str, str]) -> None:
    assert list(plan_clock(kept_by(**daemons), chosen("strict"))) == []


def test_in_a_container_nobody_keeps_the_clock() -> None:
    host = kept_by("systemd-nspawn", systemd_timesyncd="loaded/disabled/inactive")
    assert list(plan_clock(host, chosen("strict").on(host))) == []
