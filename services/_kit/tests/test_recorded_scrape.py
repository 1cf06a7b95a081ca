"""The recorded scrape that alerts are checked against has what a service on the kit really shows."""

import re
from pathlib import Path

RECORDED = Path(__file__).parents[3] / "tests/fixtures/scrapes/kit.prom"


def families(text: str) -> set[str]:
    return set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE))


def test_every_metric_that_was_recorded_is_still_shown(served) -> None:
    assert families(RECORDED.read_text()) - families(served.client.get("/metrics").text) == set()
