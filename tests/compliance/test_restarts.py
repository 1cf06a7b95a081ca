"""The door outlives its backends, and its sockets outlive the door."""

import threading
import time
from collections import Counter

import httpx

from garrison.plan.step import LIB
from garrison.plan.wanted import Wanted
from tests.compliance.client import Door
from tests.compliance.live import LiveHost

NETWORK = "garrison-nginx--aidb"


def address_of(live: LiveHost, container: str) -> str:
    return live.podman(
        "inspect", "--format", f'{{{{(index .NetworkSettings.Networks "{NETWORK}").IPAddress}}}}', container
    )


def test_a_backend_with_a_new_address_is_found_at_once(live: LiveHost, door: Door, wanted: Wanted) -> None:
    before = address_of(live, "garrison-aidb")
    live.replace("aidb", wanted)
    assert address_of(live, "garrison-aidb") != before
    with door.client() as client:
        found = Counter(client.get("/aidb/health/live").status_code for _ in range(50))
    assert found == {200: 50}


def test_nobody_is_refused_while_the_door_restarts(live: LiveHost, door: Door) -> None:
    found: Counter[str] = Counter()
    has_ended = threading.Event()
    client = threading.Thread(target=_ask_until, args=(door, has_ended, found))
    client.start()
    try:
        live.sh(f"{LIB}/as-stack systemctl --user restart garrison-door.service")
        live.sh(f"{LIB}/gate nginx --deadline 60")
        time.sleep(1)
    finally:
        has_ended.set()
        client.join()
    assert set(found) == {"200"}
    assert found["200"] > 20


def _ask_until(door: Door, has_ended: threading.Event, found: Counter[str]) -> None:
    """A new connection for each request, as clients who come by for the first time."""
    while not has_ended.is_set():
        with door.client() as client:
            try:
                found[str(client.get("/healthz").status_code)] += 1
            except httpx.HTTPError as error:
                found[f"{type(error).__name__}: {error}"] += 1
