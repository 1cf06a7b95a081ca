"""What a request and a client may take, asked of each adapter on its real server."""

import math
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest
from garrison_kit.options import Options
from kit_demo import SLOW_SECONDS
from kit_servers import Served, serving

AS_READER, AS_WRITER = {"X-API-Key": "gk_reader"}, {"X-API-Key": "gk_writer"}


def assert_problem(answer: httpx.Response, status: int) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["error_id"]
    assert answer.headers["x-request-id"] == answer.json()["request_id"]


def get_at_once(served: Served, path: str, count: int) -> list[httpx.Response]:
    with ThreadPoolExecutor(count) as pool:
        return list(
            pool.map(
                lambda _: httpx.get(f"{served.client.base_url}{path}", headers=AS_READER, trust_env=False),
                range(count),
            )
        )


@pytest.fixture(scope="module")
def slow(adapter: str, options: Options) -> Iterator[Served]:
    with serving(adapter, replace(options, max_seconds=0.3, rate=math.inf)) as started:
        yield started


@pytest.mark.parametrize("path", ["/slow", "/slow-thread"])
def test_a_request_past_its_time_is_a_504_while_its_handler_still_runs(slow: Served, path: str) -> None:
    began = time.monotonic()
    answer = slow.client.get(path, headers=AS_READER)
    assert_problem(answer, 504)
    assert time.monotonic() - began < SLOW_SECONDS
    assert slow.lines("request", path=path, status=504)


def test_a_body_that_stops_coming_is_a_408(slow: Served) -> None:
    request = (
        b"POST /notes/1 HTTP/1.1\r\nHost: x\r\nX-API-Key: gk_writer\r\nContent-Type: application/json\r\n"
        b'Content-Length: 20\r\n\r\n{"text":'
    )
    with socket.create_connection(("127.0.0.1", slow.port), timeout=2) as connection:
        connection.sendall(request)
        assert connection.recv(100).split()[1] == b"408"


@pytest.fixture(scope="module")
def small(adapter: str, options: Options) -> Iterator[Served]:
    with serving(adapter, replace(options, max_concurrent=2, rate=math.inf)) as started:
        yield started


def test_more_at_once_than_there_are_places_is_a_503(small: Served) -> None:
    answers = get_at_once(small, "/slow", 5)
    refused = [answer for answer in answers if answer.status_code != 200]
    assert len(refused) == 3
    for answer in refused:
        assert_problem(answer, 503)
        assert int(answer.headers["retry-after"]) > 0


def test_places_are_free_again_when_their_requests_are_done(small: Served) -> None:
    for _ in range(2):
        assert {answer.status_code for answer in get_at_once(small, "/slow", 2)} == {200}
    assert small.client.get("/boom", headers=AS_READER).status_code == 500
    assert small.client.get("/conflict", headers=AS_READER).status_code == 409
    assert "garrison_requests_in_flight 0.0" in small.client.get("/metrics").text


def test_a_service_without_a_free_place_still_answers_its_probes(small: Served) -> None:
    with ThreadPoolExecutor(2) as pool:
        busy = [
            pool.submit(
                httpx.get, f"{small.client.base_url}/slow", headers=AS_READER, trust_env=False, timeout=10
            )
            for _ in range(2)
        ]
        while "garrison_requests_in_flight 2.0" not in small.client.get("/metrics").text:
            time.sleep(0.01)
        assert small.client.get("/health/live").status_code == 200
        assert small.client.get("/who", headers=AS_READER).status_code == 503
        assert {one.result().status_code for one in busy} == {200}


@pytest.fixture
def strict(adapter: str, options: Options) -> Iterator[Served]:
    with serving(adapter, replace(options, rate=1.0, burst=3)) as started:
        yield started


def test_a_client_past_its_rate_is_a_429_that_says_how_long_to_wait(strict: Served) -> None:
    answers = [strict.client.get("/who", headers=AS_READER) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert_problem(answers[-1], 429)
    assert answers[-1].headers["retry-after"] == "1"


def test_one_clients_rate_is_nothing_to_another_nor_to_probes_and_strangers(strict: Served) -> None:
    while strict.client.get("/who", headers=AS_READER).status_code == 200:
        pass
    assert strict.client.get("/who", headers=AS_WRITER).status_code == 200
    assert [strict.client.get("/health/live").status_code for _ in range(9)] == [200] * 9
    assert [strict.client.get("/who").status_code for _ in range(9)] == [401] * 9


def test_after_a_wait_the_client_is_served_again(strict: Served) -> None:
    while (answer := strict.client.get("/who", headers=AS_READER)).status_code == 200:
        pass
    time.sleep(int(answer.headers["retry-after"]))
    assert strict.client.get("/who", headers=AS_READER).status_code == 200
