"""A deploy that was cut off is told to a real receiver until another one has passed. The rule waits for two hours."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.compliance.told import RUNBOOKS, Told, alerts
from tests.inventories import write_inventory

pytestmark = pytest.mark.hours
ALERT = "DeployUnfinished"
BEGUN = "/var/lib/garrison/metrics/deploy-begun.prom"
# Seconds: what the rule waits with the scrapes, the evaluation and the gathering around it, and until its end is told.
WAITS, ENDS, BEGINS = 2 * 3600 + 300, 900, 120


def test_a_deploy_that_was_cut_off_is_told_of_until_one_has_passed(told: Told, root: Path) -> None:
    live, before = told.live, told.live.sh(f"cat {BEGUN}")
    # Something to do, for a run without a change begins nothing.
    settings = live.data | {"alerts": alerts(told), "objectives": {"services": {"aidb": 99.0}}}
    path = write_inventory(told.host.folder / "cut.py", (live.name, settings))
    garrison = str(Path(sys.executable).with_name("garrison"))
    with subprocess.Popen([garrison, "deploy", path], cwd=root) as process:
        try:
            end = time.monotonic() + BEGINS
            while live.sh(f"cat {BEGUN}") == before:
                assert process.poll() is None, "it ended before it began"
                assert time.monotonic() < end, "it didn't begin"
        finally:
            process.kill()
    firing = told.receivers.wait_for(lambda: came(told, "firing"), WAITS)
    told.deploy()
    resolved = told.receivers.wait_for(lambda: came(told, "resolved"), ENDS)
    page = f"docs/runbooks/{ALERT}.md"
    assert firing == resolved == f"{RUNBOOKS}{page}"
    assert (root / page).is_file()


def came(told: Told, status: str) -> str | None:
    """The runbook with which the alert came so."""
    for one in told.receivers.posted:
        if one.path == "/alerts" and one.body["groupLabels"] == {"alertname": ALERT}:
            for each in one.body["alerts"]:
                if each["status"] == status:
                    return str(each["annotations"]["runbook"])
    return None
