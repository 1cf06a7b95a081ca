"""What the coordinator asks is replaced while requests are under way: they wait for it and are answered."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hybrid_stack import Hybrid, Stack
from hybrid_testbed import metric, wait_for

CALLS = {
    "qdrant": ("/search", {"query": "asked while qdrant is away"}),
    "llama-cpp": ("/query", {"prompt": "asked while llama-cpp is away"}),
}


@pytest.mark.parametrize("name", CALLS)
def test_requests_wait_for_what_is_replaced_and_none_fails(hybrid: Hybrid, stack: Stack, name: str) -> None:
    path, body = CALLS[name]
    hybrid.wait_until_ready()
    series = f'garrison_breaker_state{{dependency="{name}"}}'
    with ThreadPoolExecutor(4) as pool:
        stack.processes[name].stop()
        waiting = [
            pool.submit(hybrid.post, path, {key: f"{value} {number}" for key, value in body.items()})
            for number in range(4)
        ]
        # Readiness waits for nobody: it says at once what is missing.
        wait_for("not ready", lambda: hybrid.ready().json()["missing"] == [name], 10)
        stack.processes[name].start()
        answers = [one.result(60) for one in waiting]
    assert [answer.status_code for answer in answers] == [200] * 4, [answer.text for answer in answers]
    assert metric(hybrid.http.get("/metrics").text, series) == 0
    hybrid.wait_until_ready()
