"""The door outlives its backends, and its sockets outlive the door."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

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


def count(door: Door, path: str, times: int) -> Counter[int]:
    with door.client() as client:
        return Counter(client.get(path).status_code for _ in range(times))


@contextmanager
def asked_meanwhile(door: Door) -> Iterator[Counter[str]]:
    """What clients who come by for the first time get, one after the other, while something happens."""
    found: Counter[str] = Counter()
    has_ended = threading.Event()
    client = threading.Thread(target=_ask_until, args=(door, has_ended, found))
    client.start()
    try:
        yield found
        time.sleep(1)
    finally:
        has_ended.set()
        client.join()


def test_a_backend_with_a_new_address_is_found_at_once(live: LiveHost, door: Door, wanted: Wanted) -> None:
    before = address_of(live, "garrison-aidb")
    live.replace("aidb", wanted)
    assert address_of(live, "garrison-aidb") != before
    assert count(door, "/aidb/health/live", 50) == {200: 50}


def test_a_backend_that_is_gone_is_seen(live: LiveHost, door: Door, wanted: Wanted) -> None:
    """The test above would pass if the door answered by itself."""
    try:
        live.podman("rm", "--force", "--time", "5", "garrison-aidb")
        found = count(door, "/aidb/health/live", 3)
    finally:
        live.replace("aidb", wanted)
    assert set(found) <= {502, 504}


def test_nobody_is_refused_while_the_door_restarts(live: LiveHost, door: Door) -> None:
    with asked_meanwhile(door) as found:
        live.sh(f"{LIB}/as-stack systemctl --user restart garrison-door.service")
        live.sh(f"{LIB}/gate nginx --deadline 60")
    assert set(found) == {"200"}
    assert found["200"] > 20


def test_clients_who_are_refused_are_seen(live: LiveHost, door: Door) -> None:
    """The test above would pass if the clients overlooked it."""
    systemctl = f"{LIB}/as-stack systemctl --user"
    with asked_meanwhile(door) as found:
        try:
            live.sh(f"{systemctl} stop garrison-door.socket garrison-door.service")
            time.sleep(1)
        finally:
            live.sh(f"{systemctl} start garrison-door.socket garrison-door.service")
            live.sh(f"{LIB}/gate nginx --deadline 60")
    assert any("refused" in said for said in found)


def _ask_until(door: Door, has_ended: threading.Event, found: Counter[str]) -> None:
    """A new connection for each request, as clients who come by for the first time."""
    while not has_ended.is_set():
        with door.client() as client:
            try:
                found[str(client.get("/healthz").status_code)] += 1
            except httpx.HTTPError as error:
                found[f"{type(error).__name__}: {error}"] += 1
