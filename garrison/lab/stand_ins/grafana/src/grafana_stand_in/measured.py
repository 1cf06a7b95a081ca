"""What the stand-in shows of itself to Prometheus, under the names that Grafana has for it."""

import os
import time
from pathlib import Path

from grafana_stand_in import VERSION

_STARTED = time.time()


def render_metrics(boards: int) -> bytes:
    """The metrics in Prometheus' own text."""
    times = os.times()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    values = {
        f'grafana_build_info{{version="{VERSION}",edition="stand-in"}}': 1.0,
        "grafana_stat_totals_dashboard": float(boards),
        "process_start_time_seconds": _STARTED,
        "process_cpu_seconds_total": times.user + times.system,
        "process_resident_memory_bytes": float(pages * os.sysconf("SC_PAGE_SIZE")),
        "process_open_fds": float(sum(1 for _ in Path("/proc/self/fd").iterdir())),
        "process_max_fds": float(os.sysconf("SC_OPEN_MAX")),
    }
    lines = []
    for name, value in values.items():
        kind = "counter" if name.endswith("_total") else "gauge"
        lines += [f"# TYPE {name.partition('{')[0]} {kind}", f"{name} {value!r}"]
    return ("\n".join(lines) + "\n").encode()
