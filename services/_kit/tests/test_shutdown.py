"""SIGTERM: what was accepted is answered, nothing new is taken, the process ends with 0."""

import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from garrison_kit.options import Options
from kit_servers import ServedProcess, serving

AS_WRITER = {"X-API-Key": "gk_writer", "Content-Type": "application/json"}


@pytest.fixture
def ending(adapter: str, options: Options) -> Iterator[ServedProcess]:
    with serving(adapter, options) as started:
        yield started


def wait_until_busy(served: ServedProcess, count: int) -> None:
    deadline = time.monotonic() + 20
    while f"garrison_requests_in_flight {count}.0" not in served.client.get("/metrics").text:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def get(served: ServedProcess, path: str) -> int:
    url = f"http://127.0.0.1:{served.port}{path}"
    return httpx.get(url, headers=AS_WRITER, trust_env=False, timeout=20).status_code


@pytest.mark.parametrize("path", ["/slow", "/slow-thread"])
def test_requests_under_way_are_answered_and_the_process_ends_with_zero(
    ending: ServedProcess, path: str
) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(get, ending, path) for _ in range(4)]
        wait_until_busy(ending, 4)
        ending.process.send_signal(signal.SIGTERM)
        assert [answer.result() for answer in answers] == [200] * 4
    assert ending.process.wait(20) == 0
    assert all("event" in line for line in ending.all_lines())
    assert not [line for line in ending.all_lines() if line["level"] in ("error", "critical")]


def test_an_idle_connection_does_not_hold_the_end_up(ending: ServedProcess) -> None:
    assert ending.client.get("/health/live").status_code == 200
    with socket.create_connection(("127.0.0.1", ending.port)):
        began = time.monotonic()
        ending.process.send_signal(signal.SIGTERM)
        assert ending.process.wait(20) == 0
        assert time.monotonic() - began < 10


def test_of_writes_under_load_each_that_was_carried_out_was_answered(ending: ServedProcess) -> None:
    """Every request that reached the handler has its 201, so a client never repeats what was done."""
    answered: list[str] = []
    told = threading.Event()

    def write(worker: int) -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{ending.port}", trust_env=False, timeout=20) as client:
            for number in range(1_000_000):
                name = f"write-{worker}-{number:08}"
                try:
                    answer = client.post(
                        f"/notes/{number}", headers={**AS_WRITER, "X-Request-ID": name}, json={"text": "x"}
                    )
                except httpx.TransportError:
                    return
                assert answer.status_code == 201
                answered.append(name)
                if number > 20:
                    told.set()

    workers = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
    for worker in workers:
        worker.start()
    assert told.wait(30)
    ending.process.send_signal(signal.SIGTERM)
    for worker in workers:
        worker.join(30)
    assert ending.process.wait(20) == 0
    carried_out = {line["request_id"] for line in ending.lines("request", status=201)}
    assert carried_out == set(answered)
