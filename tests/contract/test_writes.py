"""What clients store: once, although many send it at once; and for good, although the service is told to stop."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from garrison.plan.step import LIB
from tests.compliance.live import LiveHost
from tests.contract.first_party import FirstParty, catalog_of, first_parties
from tests.contract.writes import Store, store_of
from tests.hosts import shared_hosts

AT_ONCE = 16
WRITERS = 4
LONGEST = 300.0


def stores() -> list[Store]:
    """Each service that keeps something for clients."""
    found = (store_of(service) for service in first_parties(catalog_of(shared_hosts())))
    return [store for store in found if store]


@pytest.mark.parametrize("store", [one for one in stores() if one.said.is_one_document], ids=str)
def test_one_document_sent_many_times_at_once_is_stored_once(store: Store, client: httpx.Client) -> None:
    draft = store.draft()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _: store.send(client, draft), range(AT_ONCE)))
    keys = {store.key_of(answer) for answer in answers}
    store.clear(client, keys)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: AT_ONCE - 1}
    assert len(keys) == 1


@dataclass
class Written:
    """What writers were told: ids of what was taken, and how everything else ended."""

    keys: set[str] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)


@contextmanager
def writers(store: Store, client: httpx.Client) -> Iterator[Written]:
    """Clients that write, one thing after the other, for as long as the block runs."""
    found, has_ended = Written(), threading.Event()
    threads = [
        threading.Thread(target=_write_until, args=(has_ended, store, client, found)) for _ in range(WRITERS)
    ]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        has_ended.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("store", stores(), ids=str)
def test_a_service_that_is_stopped_while_clients_write_loses_nothing_that_it_took(
    host: LiveHost, store: Store, client: httpx.Client
) -> None:
    started = _started(host, store.service)
    with writers(store, client) as written:
        _wait_for(lambda: len(written.keys) >= 20)
        host.podman("restart", "--time", "60", store.service.container)
        host.sh(f"{LIB}/gate {store.service.name} --deadline 300")
        before = len(written.keys)
        _wait_for(lambda: len(written.keys) >= before + 20)
    assert _started(host, store.service) != started
    lost = {key for key in written.keys if not store.is_there(client, key)}
    store.clear(client, written.keys)
    assert lost == set(), f"{len(lost)} of {len(written.keys)} are gone"
    assert set(written.refused) <= {"502", "503", "504"}, written.refused


def _write_until(has_ended: threading.Event, store: Store, client: httpx.Client, found: Written) -> None:
    while not has_ended.is_set():
        try:
            answer = store.send(client, store.draft())
        except httpx.TransportError as error:
            found.refused[repr(error)] += 1
            continue
        if answer.is_success:
            found.keys.add(store.key_of(answer))
        else:
            found.refused[str(answer.status_code)] += 1
            time.sleep(0.1)


def _started(host: LiveHost, service: FirstParty) -> str:
    return host.podman("inspect", "--format", "{{.State.StartedAt}}", service.container)


def _wait_for(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + LONGEST
    while not is_so():
        assert time.monotonic() < end, "nobody could write"
        time.sleep(0.05)
