"""Whatever a client sends, each service of ours answers with a problem document and goes on."""

import json
from collections.abc import Iterator

import httpx
import pytest

from garrison.plan.step import Command
from tests.compliance.journal import Journal
from tests.compliance.live import LiveHost
from tests.e2e.bad_input import Fault, Service, assert_problem, load_faults, load_services

# Run on the host: a body over the limit, declared or in chunks; the service is asked without the door before it.
OVERSIZED = """
import http.client, json, sys
port, path, limit, chunked, key = json.loads({arguments!r})
link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
link.putrequest("POST", path)
link.putheader("X-API-Key", key)
link.putheader("Content-Type", "application/json")
link.putheader(*(("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(limit + 1))))
link.endheaders()
left = limit + 1
try:
    while left > 0:
        piece = b" " * min(left, 65536)
        link.send(b"%x\\r\\n%s\\r\\n" % (len(piece), piece) if chunked else piece)
        left -= len(piece)
    link.send(b"0\\r\\n\\r\\n" if chunked else b"")
except (BrokenPipeError, ConnectionResetError):
    pass  # refused before it was all sent; the answer is there to be read
answer = link.getresponse()
print(json.dumps([answer.status, answer.headers["Content-Type"], answer.read().decode()]))
"""


@pytest.fixture(scope="module", autouse=True)
def _no_service_trips(host: LiveHost) -> Iterator[None]:
    """Nothing in this module makes a service log an error that it didn't expect."""
    journal = Journal(host)
    began = journal.now()
    yield
    for service in load_services():
        lines = journal.after(began, service.name)
        assert [line for line in lines if line.has("unexpected_error") or line.has("Traceback")] == []


@pytest.mark.parametrize("fault", load_faults(), ids=str)
def test_a_bad_request_gets_a_problem_document(client: httpx.Client, fault: Fault) -> None:
    answer = client.request(fault.method, fault.path, headers=fault.headers, content=fault.body)
    assert_problem(answer, fault.statuses)


@pytest.mark.parametrize("service", load_services(), ids=lambda one: one.name)
def test_the_door_refuses_a_body_over_the_limit(client: httpx.Client, service: Service) -> None:
    headers = {"Content-Type": "application/json"}
    answer = client.post(service.prefix + service.path, headers=headers, content=b" " * (service.limit + 1))
    assert_problem(answer, (413,))
    # The door's own error ids are request ids; a service's are not.
    assert answer.json()["error_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("chunked", [False, True], ids=["declared", "in chunks"])
@pytest.mark.parametrize("service", load_services(), ids=lambda one: one.name)
def test_a_service_itself_refuses_a_body_over_its_limit(
    host: LiveHost, key: str, service: Service, chunked: bool
) -> None:
    arguments = json.dumps([service.port, service.path, service.limit, chunked, key])
    script = OVERSIZED.format(arguments=arguments)
    status, kind, body = json.loads(host.ask(Command(line="python3 -", stdin=script)))
    assert (status, kind) == (413, "application/problem+json")
    assert json.loads(body)["error_id"]


def test_the_services_still_serve(client: httpx.Client) -> None:
    for service in load_services():
        assert client.get(f"{service.prefix}/health/ready").status_code == 200
