"""A host whose clock is years off is refused before anything changes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.machine import ROOT, Machine
from tests.faults.runs import Workplace, assert_refused
from tests.hosts import host

YEARS = 5
ANOTHER_CLOCK = f"""
import time
real = time.time
time.time = lambda: real() + {YEARS} * 365 * 86400
"""


@pytest.fixture
def fresh() -> Iterator[Machine]:
    yield from host("clock")


def test_a_clock_that_is_years_off_is_said_before_anything_changes(
    fresh: Machine, workplace: Workplace, tmp_path: Path
) -> None:
    """It is this machine's that is moved: of the two it is the difference that counts."""
    (tmp_path / "sitecustomize.py").write_text(ANOTHER_CLOCK)
    run = workplace.deploy(workplace.inventory(fresh), PYTHONPATH=f"{tmp_path}:{ROOT}")
    assert_refused(run, "s behind this machine's.", "set the time (timedatectl set-ntp true)")
