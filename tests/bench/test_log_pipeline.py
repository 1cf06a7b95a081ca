"""Ten thousand lines a second for a minute from a container into the journal: what is kept, and what is told lost."""

import json
from typing import Any

import pytest

from garrison.plan.step import LIB
from garrison.plan.wanted import Wanted
from tests.bench.host_programs import read_program, run_on
from tests.bench.programs.log_pipeline import count
from tests.bench.report import Outcome, Row, Section, keep, load_average
from tests.compliance.live import LiveHost

IMAGE = "aidb"  # it has Python
RATE, SECONDS = 10_000, 60
Found = dict[str, Any]


def test_no_line_is_lost_that_the_journal_does_not_count(host: LiveHost, wanted: Wanted) -> None:
    """The limit is the host's own; half the pace is asserted, as a busy machine may not keep the whole."""
    before = load_average()
    question = {
        "lib": LIB,
        "image": wanted.images[IMAGE].reference,
        "writer": read_program("log_writer"),
        "rate": RATE,
        "seconds": SECONDS,
    }
    found = run_on(host, "log_pipeline", json.dumps(question))
    keep(section_of(found, (before, load_average())))
    assert found["written"] == RATE * SECONDS
    assert uncounted(found) == 0
    assert found["kept"] >= through(found) / 2
    assert found["written"] / found["took"] >= RATE / 2


def uncounted(found: Found) -> int:
    """Lines that are neither in the journal nor in what it says that it kept out."""
    return max(0, int(found["written"] - found["kept"] - found["dropped"]))


def through(found: Found) -> int:
    """What the limit lets through at least in the time of writing: journald allows more the more room a disk has.

    A unit's lines are counted together, and the unit is that of the whole stack.
    """
    limit, written = found["limit"], int(found["written"])
    if not limit["lines"]:
        return written
    return min(written, int(limit["lines"] * max(1, found["took"] // limit["seconds"])))


def section_of(found: Found, load: tuple[float, float]) -> Section:
    """The table of one run, and what it comes to."""
    lines = {
        "written": found["written"],
        "kept by the journal": found["kept"],
        "kept out by its limit, as it says": found["dropped"],
        "neither kept nor told of": uncounted(found),
    }
    limit = found["limit"]
    limited = f"{limit['lines']} lines in {limit['seconds']:.0f} s" if limit["lines"] else "none"
    return Section(
        id="log-pipeline",
        method=(
            f"One container without network, {RATE} lines a second of 200 bytes for {SECONDS} s, through Podman's "
            f"journald driver; the journal is read afterwards, line by line. journald's limit for a unit, before what "
            f"it adds for a disk with room: {limited}; the stack's containers are one unit to it."
        ),
        rows=tuple(Row(what=what, figures={"lines": int(figure)}) for what, figure in lines.items()),
        outcomes=(
            Outcome(
                what="lines a second that the pipeline takes",
                measured=f"{found['written'] / found['took']:.0f}",
                aim=f"{RATE}",
            ),
            Outcome(what="lost and not counted", measured=str(uncounted(found)), aim="0"),
            Outcome(what="kept", measured=str(found["kept"]), aim=f"at least {through(found)}"),
        ),
        load=load,
    )


ENTRIES = [
    {"MESSAGE": "line 0 text end", "_SYSTEMD_UNIT": "user@10.service"},
    {"MESSAGE": "line 1 text end", "_SYSTEMD_UNIT": "user@10.service"},
    {"MESSAGE": "line 1 text end", "_SYSTEMD_UNIT": "user@10.service"},
    {"MESSAGE": "line 2 te", "_SYSTEMD_UNIT": "user@10.service"},
    {"MESSAGE": "wrote 4 in 2.500", "_SYSTEMD_UNIT": "user@10.service"},
]


def test_a_line_counts_once_and_whole() -> None:
    assert count(ENTRIES) == {"written": 4, "took": 2.5, "unit": "user@10.service", "kept": 2}


@pytest.mark.parametrize(("told", "missing"), [(0, 400), (399, 1), (400, 0), (450, 0)])
def test_a_line_that_nobody_tells_of_is_uncounted(told: int, missing: int) -> None:
    """More may be told of than was lost here: other containers' lines count with it."""
    assert uncounted({"written": 1000, "kept": 600, "dropped": told}) == missing


@pytest.mark.parametrize(
    ("lines", "took", "most"), [(0, 60.0, 600_000), (10_000, 60.1, 20_000), (10_000, 12.0, 10_000)]
)
def test_the_limit_says_how_many_lines_must_come_through(lines: int, took: float, most: int) -> None:
    limit = {"lines": lines, "seconds": 30.0}
    assert through({"written": 600_000, "took": took, "limit": limit}) == most
