"""The recorded scrape that dashboards are checked against has what this service really shows."""

import re
from pathlib import Path

from docs_testbed import Docs

RECORDED = Path(__file__).parents[3] / "tests/fixtures/scrapes/nixos-docs.prom"


def samples(text: str) -> set[str]:
    """Names and labels; which packs there are is another matter."""
    found = re.findall(r"^nixos_docs\w*(?:\{[^}]*\})?", text, re.MULTILINE)
    return {re.sub(r'pack="[^"]*"', "pack", one) for one in found}


def test_every_metric_that_was_recorded_is_still_shown(docs: Docs) -> None:
    assert samples(RECORDED.read_text()) - samples(docs.http.get("/metrics").text) == set()
