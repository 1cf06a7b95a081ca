"""What came of a host's controls, as metrics for the textfile collector of the host itself."""

import time
from collections import Counter
from collections.abc import Iterable

from garrison.controls.result import State
from garrison.plan.step import Command, lay_bytes
from garrison.render.places import HOST_METRICS
from garrison.report.result import Result

METRICS_FILE = HOST_METRICS / "controls.prom"


def publish_line(results: Iterable[Result]) -> Command:
    """What puts them in place on the host, for everybody to read."""
    content = render_metrics(results, time.time()).encode()
    return lay_bytes({str(METRICS_FILE): (0o644, content)}, remember=False)


def render_metrics(results: Iterable[Result], now: float) -> str:
    """How many are in each state, each that failed by its id, and when it was measured, in seconds since 1970."""
    every = tuple(results)
    counts = Counter(one.state for one in every)
    failed = sorted({(one.control, one.severity) for one in every if one.state is State.FAILED})
    lines = [
        "# HELP garrison_controls How many of this host's controls are in a state.",
        "# TYPE garrison_controls gauge",
        *(f'garrison_controls{{state="{state}"}} {counts[state]}' for state in State),
        "# HELP garrison_control_failed 1 for each control that failed and that nothing excuses.",
        "# TYPE garrison_control_failed gauge",
        *(
            f'garrison_control_failed{{control="{name}",control_severity="{severity}"}} 1'
            for name, severity in failed
        ),
        "# HELP garrison_controls_measured_timestamp_seconds When they were measured.",
        "# TYPE garrison_controls_measured_timestamp_seconds gauge",
        f"garrison_controls_measured_timestamp_seconds {now:.0f}",
    ]
    return "\n".join(lines) + "\n"
