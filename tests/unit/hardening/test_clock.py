"""Whom the host asks for the time: named where nobody did, and never over anybody's wish."""

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
