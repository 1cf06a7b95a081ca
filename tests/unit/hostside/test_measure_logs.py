"""What journald keeps out of the journal is counted by unit: nothing twice, nothing left out, in few series."""

import re
import stat
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.unit.hostside.journals import RECORDED, Journal

STACK = "user@1001.service"
Series = dict[str, float]


class Logs:
    """The program with a journal of a test's own."""

    def __init__(self, load: Callable[[str], ModuleType], folder: Path) -> None:
        self.journal = Journal(folder / "journal")
        self.state = folder / "state/dropped-lines.json"
        self.file = folder / "state/metrics/logs.prom"
        self.file.parent.mkdir(parents=True)
        self.units, self.systemctl = folder / "units", folder / "systemctl"
        self._load = load

    @property
    def program(self) -> Any:
        """As its timer starts it: it knows nothing of its last run."""
        program: Any = self._load("measure-logs")
        program.journal.TOOL = str(self.journal.tool)
        program.STACK, program.UNITS, program.SYSTEMCTL = STACK, self.units, str(self.systemctl)
        return program

    def measure(self, *words: str) -> Series:
        self.program.main(list(words))
        return self.read()

    def dropped(self) -> Series:
        found = self.measure()
        pattern = re.compile(r'log_lines_dropped_total\{unit="(.*)"\}')
        return {unit[1]: value for name, value in found.items() if (unit := pattern.fullmatch(name))}

    def read(self) -> Series:
        found = re.findall(r"^garrison_(log\S+) (\S+)$", self.file.read_text(), re.MULTILINE)
        return {name: float(value) for name, value in found}


@pytest.fixture
def logs(load: Callable[[str], ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Logs:
    monkeypatch.setenv("GARRISON_STATE", str(tmp_path / "state"))
    return Logs(load, tmp_path)


def test_the_stack_is_counted_from_nothing(logs: Logs) -> None:
    assert logs.dropped() == {STACK: 0}


def test_what_was_dropped_before_somebody_counted_is_no_news(logs: Logs) -> None:
    logs.journal.drop(900, STACK)
    assert [logs.dropped() for _ in range(2)] == [{STACK: 0}] * 2


def test_what_is_dropped_since_is_counted_once(logs: Logs) -> None:
    logs.dropped()
    logs.journal.drop(40, STACK)
    assert [logs.dropped() for _ in range(3)] == [{STACK: 40}] * 3
    logs.journal.drop(2, STACK)
    logs.journal.drop(100, STACK)
    assert [logs.dropped() for _ in range(2)] == [{STACK: 142}] * 2


def test_where_nothing_was_dropped_before_the_first_one_counts(logs: Logs) -> None:
    """Nothing marks a place then; all that comes is new."""
    logs.dropped()
    assert "--cursor" not in logs.journal.asked[-1]
    logs.journal.drop(7, STACK)
    assert logs.dropped() == {STACK: 7}


def test_it_goes_on_from_the_last_entry_that_it_counted(logs: Logs) -> None:
    logs.dropped()
    place = logs.journal.drop(7, STACK)
    logs.dropped()
    logs.dropped()
    assert f"--cursor={place} " in logs.journal.asked[-1]


def test_where_the_last_entry_is_no_longer_kept_the_first_one_after_it_counts(logs: Logs) -> None:
    logs.dropped()
    logs.journal.drop(7, STACK)
    logs.dropped()
    logs.journal.forget()
    logs.journal.drop(5, STACK)
    assert [logs.dropped() for _ in range(2)] == [{STACK: 12}] * 2


def test_what_journald_has_copied_to_the_disk_since_is_counted_once(logs: Logs) -> None:
    logs.dropped()
    logs.journal.drop(7, STACK)
    logs.dropped()
    logs.journal.copy()
    assert logs.dropped() == {STACK: 7}
    logs.journal.drop(5, STACK)
    assert logs.dropped() == {STACK: 12}


def test_a_run_that_ended_before_its_metrics_were_written_counts_nothing_twice(logs: Logs) -> None:
    logs.dropped()
    logs.journal.drop(7, STACK)
    logs.journal.drop(40, "cron.service")
    list(logs.program.measure_dropped(logs.state, {STACK}))
    shown = [logs.dropped() for _ in range(2)]
    assert shown == [{STACK: 7, "cron.service": each} for each in (0, 40)]


def test_where_the_metrics_are_gone_counting_goes_on(logs: Logs) -> None:
    logs.dropped()
    logs.journal.drop(7, STACK)
    logs.dropped()
    logs.file.unlink()
    assert logs.dropped() == {STACK: 7}


def test_a_unit_that_is_new_is_shown_at_nothing_first(logs: Logs) -> None:
    """Of a counter whose first value is 40 Prometheus knows no increase."""
    logs.dropped()
    logs.journal.drop(40, "cron.service")
    assert [logs.dropped() for _ in range(2)] == [{STACK: 0, "cron.service": each} for each in (0, 40)]


@pytest.mark.parametrize(
    ("units", "label"),
    [
        (("session-4.scope", "session-5.scope", "run-u31.service"), "other"),
        (
            ("ssh@4-10.0.0.1:22-10.0.0.2:4711.service", "ssh@5-10.0.0.1:22-10.0.0.2:4712.service"),
            "ssh@.service",
        ),
        (("user@0.service",), "user@0.service"),
        (("cron.service", "cron.service"), "cron.service"),
    ],
)
def test_units_with_numbers_in_their_names_are_one_series(
    units: tuple[str, ...], label: str, logs: Logs
) -> None:
    logs.dropped()
    for unit in units:
        logs.journal.drop(3, unit)
    logs.dropped()
    assert logs.dropped() == {STACK: 0, label: 3 * len(units)}


def test_there_are_never_more_series_than_so_many(logs: Logs) -> None:
    logs.dropped()
    for number in range(100):
        logs.journal.drop(1, f"unit{number}.service")
    logs.dropped()
    found = logs.dropped()
    assert len(found) == logs.program.MOST
    assert sum(found.values()) == 100
    logs.journal.drop(5, STACK)
    logs.journal.drop(5, "unit1.service")
    assert logs.dropped() == {**found, STACK: 5, "unit1.service": 6}


def test_only_what_journald_itself_tells_is_asked_for(logs: Logs) -> None:
    """Anybody may write the same words; nobody else has this transport."""
    logs.measure()
    assert logs.journal.asked[-1].endswith("MESSAGE_ID=a596d6fe7bfa4994828e72309e95d61e _TRANSPORT=driver")


def test_what_journald_has_written_is_understood(logs: Logs) -> None:
    assert list(logs.program.journal.kept_out([RECORDED])) == [("flood.service", 383)]


def test_when_it_was_measured_is_told_to_everybody(logs: Logs) -> None:
    found = logs.measure()
    assert found["logs_measured"] == 1
    assert time.time() - found["logs_measured_timestamp_seconds"] < 60
    assert stat.S_IMODE(logs.file.stat().st_mode) == 0o644


@pytest.mark.parametrize("code", [0, 1])
def test_a_journalctl_that_finds_nothing_is_no_failure(code: int, logs: Logs) -> None:
    logs.journal.fail("", code)
    assert logs.measure()["logs_measured"] == 1


@pytest.mark.parametrize("code", [0, 1])
def test_a_damaged_file_of_the_journal_hides_no_other(code: int, logs: Logs) -> None:
    logs.dropped()
    logs.journal.drop(7, STACK)
    logs.journal.fail(
        "Journal file /var/log/journal/1/system@2.journal~ is truncated, ignoring file.\n", code
    )
    assert logs.dropped() == {STACK: 7}


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda logs: logs.journal.fail("Failed to seek to cursor: Invalid argument", 1), "Failed to seek"),
        (lambda logs: logs.journal.tool.unlink(), "No such file"),
        (lambda logs: logs.journal.tell(MESSAGE="Too many messages of cron"), "another form"),
        (lambda logs: logs.state.write_text('{"cursor": "s'), "remove it, and counting begins anew"),
        (lambda logs: logs.state.write_text('{"place": 1}'), "remove it, and counting begins anew"),
    ],
    ids=["the place", "the tool", "the words", "half of the state", "another state"],
)
def test_what_it_can_not_count_it_does_not_show(
    spoil: Callable[[Logs], object], why: str, logs: Logs
) -> None:
    logs.measure()
    spoil(logs)
    with pytest.raises(SystemExit, match=why):
        logs.measure()
    assert set(logs.read()) == {"logs_measured", "logs_measured_timestamp_seconds"}
    assert logs.read()["logs_measured"] == 0


def test_what_was_counted_is_roots_alone_as_all_state_of_the_host_is(logs: Logs) -> None:
    logs.state.with_name(f".{logs.state.name}.new").touch(0o644)  # of a run that was killed
    logs.dropped()
    assert stat.S_IMODE(logs.state.stat().st_mode) == 0o600


def test_what_can_not_be_kept_is_not_shown_and_is_counted_by_the_next_run(logs: Logs) -> None:
    logs.dropped()
    logs.journal.drop(7, STACK)
    blocked = logs.state.with_name(f".{logs.state.name}.new")
    blocked.mkdir()
    with pytest.raises(SystemExit, match="Is a directory"):
        logs.measure()
    assert logs.read()["logs_measured"] == 0
    blocked.rmdir()
    assert logs.dropped() == {STACK: 7}
