"""What isn't there, what is there with other methods, what is open to everybody and what is open to nobody."""

import httpx
import pytest

from tests.contract.conftest import As
from tests.contract.first_party import FirstParty
from tests.contract.openapi import METHODS, Api
from tests.contract.problems import assert_problem

UNKNOWN = [
    "/nothing-of-that-name",
    "/wp-login.php",
    "/documents/../../etc/passwd",
    "/admin",
    "/.env",
    "/openapi.yaml",
]
OF_METRICS = [
    "/metrics",
    "/metrics/",
    "/metrics/x",
    "/%6detrics",
    "/./metrics",
    "//metrics",
    "/metrics?x=1",
    "/metrics%00",
]


@pytest.mark.parametrize("path", UNKNOWN)
def test_an_unknown_path_is_a_404_for_who_has_a_key(
    service: FirstParty, client: httpx.Client, path: str
) -> None:
    assert_problem(client.get(service.prefix + path), 404, 400)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST"])
def test_an_unknown_path_is_unknown_with_any_method(
    service: FirstParty, client: httpx.Client, method: str
) -> None:
    assert_problem(client.request(method, f"{service.prefix}/nothing-of-that-name"), 404)


def test_another_method_is_a_405_that_names_those_there_are(api: Api, client: httpx.Client) -> None:
    for path in api.paths:
        has = api.methods(path)
        for method in {one.upper() for one in METHODS} - has:
            answer = client.request(method, path)
            assert_problem(answer, 405)
            allowed = {one.strip() for one in answer.headers.get("allow", "").split(",")}
            assert has <= allowed, f"{method} {path}: Allow is {sorted(allowed)}, there are {sorted(has)}"
            assert method not in allowed


@pytest.mark.parametrize("method", ["BREW", "TRACE", "CONNECT", "PROPFIND"])
def test_a_method_that_nobody_has_is_refused(service: FirstParty, client: httpx.Client, method: str) -> None:
    assert_problem(client.request(method, f"{service.prefix}/openapi.json"), 400, 405, 501)


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_health_is_open_to_everybody(service: FirstParty, as_client: As, path: str) -> None:
    answer = as_client(None).get(service.prefix + path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == "application/json"


def test_health_names_every_dependency_of_the_catalog(service: FirstParty, as_client: As) -> None:
    checks = as_client(None).get(f"{service.prefix}/health/ready").json()["checks"]
    assert set(service.service.needs) <= set(checks)


@pytest.mark.parametrize("path", OF_METRICS)
def test_the_metrics_never_pass_the_door(service: FirstParty, client: httpx.Client, path: str) -> None:
    answer = client.get(service.prefix + path)
    assert_problem(answer, 400, 404)
    assert "# HELP" not in answer.text
