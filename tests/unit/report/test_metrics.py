"""The metrics of a check: every state is counted, and each control that failed is named."""

import subprocess
from collections.abc import Callable
from dataclasses import replace

from garrison.controls.result import State
from garrison.report.metrics import METRICS_FILE, publish_line, render_metrics
from garrison.report.result import Result

ONE = Result(
    host="lab", control="S06", title="Root stays out", family="access", severity="high", state=State.FAILED
)
RESULTS = (
    ONE,
    replace(ONE, control="S07", state=State.PASSED),
    replace(ONE, control="S08", state=State.WAIVED),
    replace(ONE, control="S09", state=State.NOT_APPLICABLE),
    replace(ONE, control="S10", state=State.PASSED),
)


def test_states_are_counted_and_failures_named() -> None:
    lines = [line for line in render_metrics(RESULTS, 1_000_000.4).splitlines() if not line.startswith("#")]
    assert lines == [
        'garrison_controls{state="passed"} 2',
        'garrison_controls{state="failed"} 1',
        'garrison_controls{state="waived"} 1',
        'garrison_controls{state="deviates"} 0',
        'garrison_controls{state="not applicable"} 1',
        'garrison_control_failed{control="S06",control_severity="high"} 1',
        "garrison_controls_measured_timestamp_seconds 1000000",
    ]


def test_a_host_without_a_failure_names_none() -> None:
    assert "garrison_control_failed{" not in render_metrics(RESULTS[1:], 0)


def test_prometheus_own_tool_has_no_objection(
    promtool: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    done = promtool("check", "metrics", text=render_metrics(RESULTS, 0))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_file_lies_where_node_exporter_reads_it_and_is_told_by_no_argument() -> None:
    command = publish_line(RESULTS)
    assert command.stdin
    assert "S06" not in command.line
    assert str(METRICS_FILE) == "/var/lib/garrison/metrics/controls.prom"
