"""A ruleset as it was recorded on a host."""

import json
from pathlib import Path

import pytest

from tests.unit.hardening.firewall import Document


@pytest.fixture
def recorded(fixtures: Path) -> Document:
    """What nft said after it had loaded everything that can be in the table."""
    document: Document = json.loads((fixtures / "firewall" / "everything.json").read_text())
    return document
