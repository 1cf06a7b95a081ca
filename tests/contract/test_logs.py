"""What a service writes: one JSON document a line, with its name and version, under the ids that clients saw."""

import json
import time
from typing import Any

import httpx

from tests.compliance.journal import Journal, find_faults
from tests.compliance.live import LiveHost
from tests.contract.first_party import FirstParty
from tests.contract.problems import assert_problem

LINES = 3000
PATIENCE = 10.0
ALWAYS = {"service", "version", "request_id", "event", "level", "timestamp"}


def read_log(host: LiveHost, service: FirstParty) -> list[dict[str, Any]]:
    """The newest lines of its container, whole; anything but JSON fails."""
    entries = Journal(host).newest(service.name, LINES)
    assert find_faults(entries) == []
    return [json.loads(one.text or "") for one in entries]


def wait_for(host: LiveHost, service: FirstParty, fields: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines with these fields: the line of a request is written a moment after its answer."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = [one for one in read_log(host, service) if fields.items() <= one.items()]
        if found or time.monotonic() > deadline:
            return found


def test_every_line_is_json_with_name_and_version(host: LiveHost, service: FirstParty) -> None:
    lines = read_log(host, service)
    assert lines
    for line in lines:
        assert line.keys() >= ALWAYS, line
        assert line["service"] == service.name


def test_a_request_is_found_by_the_id_that_the_client_saw(
    host: LiveHost, service: FirstParty, client: httpx.Client
) -> None:
    request_id = client.get(f"{service.prefix}/openapi.json").headers["x-request-id"]
    (line,) = wait_for(host, service, {"request_id": request_id, "event": "request"})
    assert (line["client"], line["status"]) == ("contract-all", 200)


def test_a_problem_is_found_by_the_error_id_that_the_client_saw(
    host: LiveHost, service: FirstParty, client: httpx.Client
) -> None:
    problem = assert_problem(client.get(f"{service.prefix}/nothing-of-that-name"), 404)
    assert len(wait_for(host, service, {"error_id": problem["error_id"]})) == 1


def test_no_key_is_in_the_log(host: LiveHost, service: FirstParty, client: httpx.Client) -> None:
    client.get(f"{service.prefix}/openapi.json?api_key={client.headers['x-api-key']}")
    assert client.headers["x-api-key"] not in json.dumps(read_log(host, service))


def test_nothing_went_wrong_that_nobody_expected(host: LiveHost, service: FirstParty) -> None:
    """The modules before this one have sent much that is bad; none of it may have tripped the service."""
    tripped = [one for one in read_log(host, service) if one["event"] == "unexpected_error"]
    assert tripped == []
