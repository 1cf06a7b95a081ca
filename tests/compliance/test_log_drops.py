"""What journald keeps out of the journal is counted, once, and an alert tells it."""

import json
import re
from collections.abc import Iterator
from secrets import token_hex

import pytest

from tests.compliance.live import LiveHost, need_observability
from tests.compliance.test_metrics import METRICS, SCRAPE, Prometheus, prometheus

__all__ = ["prometheus"]  # a fixture
FILE, STATE = f"{METRICS}/logs.prom", "/var/lib/garrison/dropped-lines.json"
# journald may owe a unit of an earlier run what it has dropped.
MEASURES, FLOODS = "garrison-logs", f"garrison-log-test-{token_hex(4)}"
LINES, BURST = 5000, 100
# What was counted of the flood is forgotten: the unit that made it is none of the host's.
FORGET = f"""
import json, pathlib
state = pathlib.Path({STATE!r})
said = json.loads(state.read_bytes())
said["lines"].pop("{FLOODS}.service", None)
state.write_text(json.dumps(said))
"""


@pytest.fixture(scope="module", autouse=True)
def _alone(live: LiveHost) -> Iterator[None]:
    """Nobody measures but the tests."""
    need_observability(live)
    live.sh(f"systemctl stop {MEASURES}.timer")
    try:
        yield
    finally:
        live.pipe(FORGET, "python3 -I -")
        live.sh(f"systemctl start {MEASURES}.timer")
        measured(live)


def measured(live: LiveHost) -> dict[str, float]:
    """The lines dropped by unit, as it measures them when it is asked to now."""
    # systemd refuses more than five starts in ten seconds.
    live.sh(f"systemctl reset-failed {MEASURES}.service; systemctl start {MEASURES}.service")
    text = live.sh(f"cat {FILE}")
    assert "garrison_logs_measured 1" in text
    found = re.findall(r'^garrison_log_lines_dropped_total\{unit="(.*)"\} (\S+)$', text, re.MULTILINE)
    return {unit: float(value) for unit, value in found}


def flood(live: LiveHost) -> int:
    """A unit of its own says more than it may; how many of its lines the journal lacks."""
    began = live.sh("date +%s.%N")
    limits = f"--property=LogRateLimitIntervalSec=2s --property=LogRateLimitBurst={BURST}"
    # journald tells what it has dropped with the first line that it takes again, if it still knows whose that is.
    script = f"seq {LINES}; sleep 3; echo said; sleep 2"
    live.sh(f"systemd-run --quiet --collect --wait --unit={FLOODS} {limits} sh -c '{script}'")
    live.sh("journalctl --sync")
    mine = f"_SYSTEMD_UNIT={FLOODS}.service _TRANSPORT=stdout"
    kept = live.sh(f"journalctl --quiet --output=cat --since=@{began} {mine} | wc -l")
    return LINES + 1 - int(kept)


def test_the_unit_of_the_stack_is_counted_and_is_that_of_its_containers(live: LiveHost) -> None:
    line = live.sh("journalctl --quiet --lines=1 --output=json CONTAINER_NAME=garrison-nginx")
    unit = json.loads(line)["_SYSTEMD_UNIT"]
    assert unit == f"user@{live.settings.stack_uid}.service"
    assert unit in measured(live)


def test_each_line_that_the_journal_lacks_is_counted_once_and_an_alert_tells_it(
    live: LiveHost, prometheus: Prometheus
) -> None:
    unit = f"{FLOODS}.service"
    query = f'garrison_log_lines_dropped_total{{unit="{unit}"}}'
    before = measured(live)
    assert unit not in before
    missing = flood(live)
    assert missing > LINES / 2
    assert measured(live) == {**before, unit: 0}  # a counter begins at nothing
    prometheus.wait_for(lambda: prometheus.value(f"count({query}) or vector(0)"), 1.0, 3 * SCRAPE)
    assert [measured(live) for _ in range(2)] == [{**before, unit: missing}] * 2
    prometheus.wait_for(lambda: prometheus.alert("LogLinesDropped", "node-exporter"), "firing", 4 * SCRAPE)
    more = flood(live)
    assert measured(live)[unit] == missing + more


def test_what_somebody_else_tells_in_journald_s_words_is_not_counted(live: LiveHost) -> None:
    before = measured(live)
    identity, said = "MESSAGE_ID=a596d6fe7bfa4994828e72309e95d61e", "Suppressed 7 messages from cron.service"
    live.pipe(f"{identity}\nMESSAGE={said}\nN_DROPPED=7\n", "logger --journald")
    live.sh("journalctl --sync")
    assert live.sh(f"journalctl --quiet --output=cat --lines=1 {identity}") == said
    assert measured(live) == before


def test_when_nobody_measures_any_more_an_alert_waits(live: LiveHost, prometheus: Prometheus) -> None:
    """The last measurement is made ten minutes older than it is."""
    measured(live)
    old = int(live.sh("date +%s")) - 610
    live.sh(f"sed -i 's/^\\(garrison_logs_measured_timestamp_seconds\\) .*/\\1 {old}/' {FILE}")
    prometheus.wait_for(lambda: prometheus.alert("LogsUnmeasured", "node-exporter"), "pending", 4 * SCRAPE)
    measured(live)
    prometheus.wait_for(lambda: prometheus.alert("LogsUnmeasured", "node-exporter"), "", 4 * SCRAPE)
