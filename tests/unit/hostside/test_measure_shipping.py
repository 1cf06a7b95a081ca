"""How far behind the unit is that sends the journal, by the place that it has written down and by the journal's end."""

import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from tests.unit.hostside.conftest import HOSTSIDE
from tests.unit.hostside.test_measure_logs import Logs, Series, logs

__all__ = ["logs"]  # a fixture
UNIT = "garrison-shipping"
Shipped = Callable[[], Series]


@pytest.fixture
def shipped(logs: Logs) -> Shipped:
    """What is told of a unit that runs and has sent nothing yet."""
    (logs.units / UNIT).mkdir(parents=True)
    runs(logs, True)

    def measure() -> Series:
        found = logs.measure("--shipping", UNIT)
        return {name: found[f"log_shipping_{name}"] for name in ("active", "behind_seconds")}

    return measure


def runs(logs: Logs, does: bool) -> None:
    logs.systemctl.write_text(
        f'#!/bin/sh\ntest "$*" = "is-active --quiet {UNIT}" && exit {0 if does else 3}\n'
    )
    logs.systemctl.chmod(0o755)


def sent(logs: Logs, cursor: str) -> None:
    """As rsyslog writes it: a cursor, and no line's end."""
    (logs.units / UNIT / "position").write_text(cursor)


def ago(seconds: float) -> str:
    return str(int((time.time() - seconds) * 1e6))


def say(logs: Logs, seconds: float) -> str:
    return logs.journal.say(MESSAGE="a line", __REALTIME_TIMESTAMP=ago(seconds))


def test_who_has_sent_everything_is_not_behind(logs: Logs, shipped: Shipped) -> None:
    say(logs, 900)
    sent(logs, say(logs, 800))
    assert shipped() == {"active": 1, "behind_seconds": 0}


def test_who_has_not_is_behind_by_the_oldest_line_that_waits(logs: Logs, shipped: Shipped) -> None:
    sent(logs, say(logs, 900))
    say(logs, 700)
    say(logs, 5)
    assert shipped() == {"active": 1, "behind_seconds": pytest.approx(700, abs=30)}


def test_who_has_sent_nothing_yet_is_behind_by_the_oldest_line_that_there_is(
    logs: Logs, shipped: Shipped
) -> None:
    say(logs, 90_000)
    say(logs, 5)
    assert shipped()["behind_seconds"] == pytest.approx(90_000, abs=30)


def test_where_the_last_line_sent_is_no_longer_kept_the_oldest_one_waits(
    logs: Logs, shipped: Shipped
) -> None:
    sent(logs, say(logs, 9000))
    logs.journal.forget()
    say(logs, 400)
    assert shipped()["behind_seconds"] == pytest.approx(400, abs=30)


def test_a_line_from_the_future_is_not_late(logs: Logs, shipped: Shipped) -> None:
    """The host's clock was set back."""
    say(logs, -3600)
    assert shipped()["behind_seconds"] == 0


def test_no_more_of_a_long_journal_is_read_than_is_asked_for(logs: Logs) -> None:
    sent_at = say(logs, 900)
    for _ in range(50):
        say(logs, 600)
    before = logs.journal.tool.read_text()
    # It would go on for ever after what there is.
    logs.journal.tool.write_text(before.replace("exit 0", "while echo '{}'; do :; done"))
    began = time.monotonic()
    assert logs.program.find_unsent(sent_at) == pytest.approx(time.time() - 600, abs=30)
    assert time.monotonic() - began < 20


def test_a_unit_that_does_not_run_is_told(logs: Logs, shipped: Shipped) -> None:
    runs(logs, False)
    assert shipped()["active"] == 0


def test_where_nobody_sends_anything_nothing_is_told_of_it(logs: Logs) -> None:
    assert not [name for name in logs.measure() if "shipping" in name]


def test_a_place_that_can_not_be_read_hides_no_lines_that_were_dropped(logs: Logs, shipped: Shipped) -> None:
    (logs.units / UNIT / "position").mkdir()
    with pytest.raises(SystemExit, match="Is a directory"):
        shipped()
    assert {"log_shipping_behind_seconds", "logs_measured"} & set(logs.read()) == {"logs_measured"}
    assert logs.read()["logs_measured"] == 0
    assert any("dropped" in name for name in logs.read())


@pytest.mark.parametrize("words", [("--shipping",), ("garrison-shipping",), ("--shipping", "a", "b")])
def test_words_that_it_does_not_know_are_refused(words: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-I", str(HOSTSIDE / "measure-logs"), *words], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (1, "measure-logs: say nothing, or --shipping UNIT.\n")
