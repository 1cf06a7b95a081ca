"""What an ACME server was convinced of once may hold for a while: then it asks nothing, and issues all the same."""

from collections.abc import Iterator

import pytest

from tests.certs.conftest import Served
from tests.certs.pebble import BLIND, Pebble


@pytest.fixture
def trusting(served: Served, acme: Pebble) -> Iterator[Pebble]:
    """A server that asks for each name once, and has done so."""
    with acme.running(PEBBLE_AUTHZREUSE="100"):
        run = served.deploy(**served.by_acme(acme))
        assert run.code == 0, run.said
        yield acme
    run = served.deploy()
    assert run.code == 0, run.said


def test_names_that_are_still_believed_are_not_proven_again(served: Served, trusting: Pebble) -> None:
    before = served.status()["certificates"]
    trusting.lead(BLIND)
    try:
        assert served.renew() == ""
    finally:
        trusting.lead(served.machine.address)
    assert served.status()["certificates"] != before
