"""Memory of each container when nobody asks it anything, after it has served the measurements before."""

import re

from garrison.catalog.size import parse_size
from garrison.plan.wanted import Wanted
from tests.bench.host_programs import run_on
from tests.bench.report import Figures, Row, Section, keep, load_average
from tests.compliance.live import LiveHost

MIB = 1024**2


def test_each_container_at_rest_stays_within_its_limit(host: LiveHost, wanted: Wanted) -> None:
    """By the pid namespace of a container's first process, all its processes are found."""
    before = load_average()
    found = run_on(host, "memory", str(wanted.settings.stack_uid))
    spaces = find_spaces(host)
    assert set(spaces) == set(wanted.catalog.services)
    rows = []
    for name in sorted(spaces):
        limit = parse_size(wanted.catalog.services[name].limits.memory)
        entry = found.pop(spaces[name])
        assert 0 < entry["pss"] < limit
        rows.append(Row(what=name, figures=_figures(entry) | {"limit MiB": limit // MIB}))
    total = sum(float(row.figures["PSS MiB"]) for row in rows)
    count = sum(int(row.figures["processes"]) for row in rows)
    rows.append(Row(what="**all containers**", figures={"PSS MiB": total, "processes": count}))
    helpers = "Podman's and systemd's own processes for them"
    rows.append(Row(what=helpers, figures=_figures(found.pop("helpers"))))
    keep(
        Section(
            id="memory",
            method="PSS of every process in the container's pid namespace, /proc/PID/smaps_rollup, summed.",
            rows=tuple(rows),
            load=(before, load_average()),
        )
    )


def _figures(entry: dict[str, float]) -> Figures:
    return {"PSS MiB": entry["pss"] / MIB, "processes": entry["processes"]}


def find_spaces(host: LiveHost) -> dict[str, str]:
    """The pid namespace of each running container, by service."""
    snapshot = host.snapshot()
    running = [one for one in snapshot.containers or () if one.is_running and one.service]
    links = host.sh(" ".join(["readlink", *(f"/proc/{one.state.pid}/ns/pid" for one in running)]))
    found = re.findall(r"pid:\[\d+\]", links)
    return dict(zip((str(one.service) for one in running), found, strict=True))
