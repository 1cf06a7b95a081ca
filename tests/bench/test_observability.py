"""What observability takes while nobody asks anything, beside the core profile, and how long its scrapes take."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from urllib.parse import quote

import pytest

from garrison.plan.wanted import Wanted
from garrison.render.metrics import scrape_jobs
from tests.bench.host_programs import run_on
from tests.bench.latency import p95
from tests.bench.report import Outcome, Row, Section, keep, load_average
from tests.bench.test_memory import MIB, find_spaces
from tests.compliance.live import LiveHost
from tests.compliance.test_metrics import SCRAPE, Prometheus

PROFILE = "observability"
SECONDS = 120  # eight scrapes of each target
Used = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, kw_only=True)
class Rest:
    """``used`` is by service, and by ``helpers`` for all together; ``scrapes`` are seconds by target."""

    used: Used
    scrapes: Mapping[str, list[float]]
    load: tuple[float, float]


@pytest.fixture(scope="module")
def rest(host: LiveHost, wanted: Wanted) -> Rest:
    """Some minutes in which only what always runs asks anything."""
    before = load_average()
    found = run_on(host, "memory", str(wanted.settings.stack_uid), str(SECONDS))
    used = {name: found[space] for name, space in find_spaces(host).items()}
    query = quote(f"scrape_duration_seconds[{SECONDS}s]")
    told = Prometheus(host, wanted).get(f"/api/v1/query?query={query}")["result"]
    scrapes = {one["metric"]["job"]: [float(value) for _, value in one["values"]] for one in told}
    load = before, load_average()
    return Rest(used=used | {"helpers": found["helpers"]}, scrapes=scrapes, load=load)


def test_observability_at_rest_is_measured_beside_the_core_profile(rest: Rest, wanted: Wanted) -> None:
    watching = {name for name, one in wanted.catalog.services.items() if PROFILE in one.profiles}
    assert watching, f"deploy with the profile {PROFILE}"
    assert rest.used.keys() - {"helpers"} == set(wanted.catalog.services)
    assert min(one["pss"] for one in rest.used.values()) > 0
    section = at_rest(rest.used, watching, SECONDS, rest.load)
    keep(section)
    assert sum(one["cpu"] for one in rest.used.values()) > 0, "nothing ran at all"


def test_every_target_is_scraped_in_time(rest: Rest, wanted: Wanted) -> None:
    assert rest.scrapes.keys() == {job.name for job in scrape_jobs(wanted.catalog)}
    fewest = min(rest.scrapes, key=lambda job: len(rest.scrapes[job]))
    assert len(rest.scrapes[fewest]) >= SECONDS / SCRAPE - 2, f"{fewest} was hardly scraped"
    keep(of_scrapes(rest.scrapes, rest.load))
    assert _p95_of_all(rest.scrapes) < 1.0


def at_rest(used: Used, watching: set[str], seconds: float, load: tuple[float, float]) -> Section:
    """The table of each service of ``watching``, of the others together, and the share of the first in the second."""
    core = [one for name, one in used.items() if name not in watching and name != "helpers"]
    observability = [used[name] for name in sorted(watching)]
    rows = [_row(name, [used[name]], seconds) for name in sorted(watching)]
    rows += [
        _row("**observability**", observability, seconds),
        _row("**core**", core, seconds),
        _row("Podman's and systemd's own processes for both", [used["helpers"]], seconds),
    ]
    outcomes = tuple(
        Outcome(what=f"observability / core, {title}", measured=_share(observability, core, key),
                aim="none stated")
        for title, key in (("memory", "pss"), ("processor time", "cpu"))
    )  # fmt: skip
    method = (
        f"{seconds:.0f} s in which nobody asks anything but scrapes, probes and rules; PSS and processor time of every "
        "process in a container's pid namespace. Health probes are Podman's own processes, for all services together."
    )
    return Section(id=PROFILE, method=method, rows=tuple(rows), outcomes=outcomes, load=load)


def of_scrapes(scrapes: Mapping[str, list[float]], load: tuple[float, float]) -> Section:
    """The table of each target's scrapes, slowest first, and the 95th percentile of all."""
    targets = sorted(scrapes, key=lambda job: -median(scrapes[job]))
    rows = [_times(job, scrapes[job]) for job in targets]
    whole = _p95_of_all(scrapes)
    outcome = Outcome(what="p95 of all scrapes", measured=f"{1000 * whole:.0f} ms", aim="under 100 ms")
    method = f"Prometheus' own scrape_duration_seconds, every scrape of the last {SECONDS} s, at rest."
    return Section(id="scrapes", method=method, rows=tuple(rows), outcomes=(outcome,), load=load)


def _p95_of_all(scrapes: Mapping[str, list[float]]) -> float:
    return p95([one for times in scrapes.values() for one in times])


def _times(job: str, seconds: list[float]) -> Row:
    in_ms = [1000 * one for one in seconds]
    spread = {"min ms": min(in_ms), "median ms": median(in_ms), "max ms": max(in_ms)}
    return Row(what=job, figures={"scrapes": len(in_ms), **spread})


def _row(what: str, used: list[Mapping[str, float]], seconds: float) -> Row:
    return Row(
        what=what,
        figures={
            "PSS MiB": sum(one["pss"] for one in used) / MIB,
            "CPU ms a second": 1000 * sum(one["cpu"] for one in used) / seconds,
            "processes": int(sum(one["processes"] for one in used)),
        },
    )


def _share(some: list[Mapping[str, float]], others: list[Mapping[str, float]], key: str) -> str:
    whole = sum(one[key] for one in others)
    return f"{sum(one[key] for one in some) / whole:.2f}" if whole else "core used none"
