"""Who may ask: nobody without a good key, and each key what its scopes say, at every operation of every service."""

import json

import httpx
import pytest

from garrison.plan.step import Command
from tests.compliance.live import LiveHost
from tests.contract.conftest import As
from tests.contract.first_party import FirstParty
from tests.contract.keys import WRONG, Keys
from tests.contract.openapi import SCOPES, Api
from tests.contract.problems import assert_problem, find_fault_of_document

# Run on the host, where no door is before the service: each request without a key, and with what is none.
UNGUARDED = """
import http.client, json
port, asked, wrong = json.loads({arguments!r})
found = []
for method, path in asked:
    for headers in ({{}}, {{"X-API-Key": wrong}}, {{"Authorization": "Bearer " + wrong}}, {{"X-Client": "admin"}}):
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        link.request(method, path, headers=headers)
        answer = link.getresponse()
        found.append([method, path, answer.status, answer.headers["Content-Type"], answer.read().decode()])
        link.close()
print(json.dumps(found))
"""


@pytest.mark.parametrize("way", ["X-API-Key", "Bearer"])
def test_a_good_key_opens_the_service_either_way(
    service: FirstParty, as_client: As, keys: Keys, way: str
) -> None:
    headers = {"X-API-Key": keys.read} if way == "X-API-Key" else {"Authorization": f"Bearer {keys.read}"}
    answer = as_client(None).get(f"{service.prefix}/openapi.json", headers=headers)
    assert answer.status_code == 200


def test_no_operation_is_open_without_a_key(api: Api, as_client: As) -> None:
    assert_closed(api, as_client(None), {})


@pytest.mark.parametrize("way", ["X-API-Key", "Bearer", "Basic"])
@pytest.mark.parametrize("kind", ["wrong", "revoked", "garbage"])
def test_no_operation_is_open_to_a_bad_key(api: Api, as_client: As, keys: Keys, kind: str, way: str) -> None:
    key = {"wrong": WRONG, "revoked": keys.revoked, "garbage": "'; DROP TABLE keys;--"}[kind]
    headers = {"X-API-Key": key} if way == "X-API-Key" else {"Authorization": f"{way} {key}"}
    assert_closed(api, as_client(None), headers)


def assert_closed(api: Api, client: httpx.Client, headers: dict[str, str]) -> None:
    """Every operation asks for a key."""
    for operation in api.operations:
        answer = client.request(operation.method, operation.path(), headers=headers)
        assert_problem(answer, 401)
        assert answer.headers.get("www-authenticate"), f"{operation} asks for no key"


def test_every_operation_names_the_scope_that_it_needs(api: Api) -> None:
    assert {operation.scope for operation in api.operations} <= set(SCOPES)


def test_a_key_without_the_scope_is_refused(api: Api, as_client: As, keys: Keys) -> None:
    for operation in api.operations:
        for key in keys.without(operation.scope):
            answer = operation.ask(as_client(key))
            assert answer.status_code == 403, (
                f"{operation} answers {answer.status_code} without {operation.scope}"
            )


def test_the_scope_alone_is_enough(api: Api, as_client: As, keys: Keys) -> None:
    """With a body that is no good, so that nothing is stored: whoever may not come in learns no more than that."""
    for operation in api.operations:
        answer = operation.ask(as_client(keys.with_scope(operation.scope)), b"{")
        assert answer.status_code not in (401, 403), f"{operation}: {answer.text}"


def test_the_service_asks_for_a_key_also_where_no_door_is_before_it(
    service: FirstParty, api: Api, host: LiveHost
) -> None:
    asked = [(one.method, one.path().removeprefix(service.prefix)) for one in api.operations]
    arguments = json.dumps([service.loopback, asked, WRONG])
    found = json.loads(host.ask(Command(line="python3 -", stdin=UNGUARDED.format(arguments=arguments))))
    assert len(found) == 4 * len(asked)
    for method, path, status, kind, text in found:
        assert (status, kind) == (401, "application/problem+json"), f"{method} {path}: {status} {text[:200]}"
        assert find_fault_of_document(401, json.loads(text)) is None


def test_a_key_that_is_revoked_is_refused_at_once(service: FirstParty, host: LiveHost, as_client: As) -> None:
    name = "contract-short-lived"
    made = host.garrison("keys", "add", name, "--scopes", "read")
    try:
        key, path = made.stdout.strip(), f"{service.prefix}/openapi.json"
        assert as_client(key).get(path).status_code == 200
    finally:
        assert host.garrison("keys", "revoke", name).returncode == 0
    assert_problem(as_client(key).get(path), 401)


def test_a_hook_sees_a_refusal_that_is_no_problem_document() -> None:
    """Every test here relies on it."""
    answer = httpx.Response(
        404, html="<h1>Not Found</h1>", request=httpx.Request("GET", "https://example.invalid/")
    )
    with pytest.raises(AssertionError, match="text/html"):
        assert_problem(answer, 404)
