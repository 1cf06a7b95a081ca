"""A client's key that ends, on a connection that stays open."""

import time

from garrison.plan.step import LIB
from tests.compliance.live import LiveHost
from tests.rotation.conftest import CLIENT
from tests.rotation.load import Place

PATHS = ("/aidb/documents?limit=1", "/embeddings/openapi.json", "/hybrid/openapi.json", "/llama/v1/models")


def statuses(client, paths=PATHS) -> set[int]:  # type: ignore[no-untyped-def]
    return {client.get(path).status_code for path in paths}


def test_a_revoked_key_is_refused_at_the_next_request_of_an_open_connection(
    host: LiveHost, place: Place, key: str
) -> None:
    with place.client(key) as client:
        assert statuses(client) == {200}
        host.sh(f"{LIB}/keys revoke {CLIENT}")
        assert statuses(client) == {401}
        # The connection has stayed open all along: nothing but the key has changed.
        assert client._transport._pool.connections  # type: ignore[attr-defined]


def test_old_and_new_key_are_good_until_the_old_one_ends_by_itself(
    host: LiveHost, place: Place, key: str
) -> None:
    new = host.sh(f"{LIB}/keys rotate {CLIENT} --overlap 20s").strip()
    ends = time.monotonic() + 21
    with place.client(key) as earlier, place.client(new) as later:
        assert statuses(later) == {200}
        assert statuses(earlier, PATHS[:1]) == {200}
        time.sleep(max(0.0, ends - time.monotonic()))
        assert statuses(earlier) == {401}
        assert statuses(later) == {200}
