"""What a service needs goes away and comes back: it says so, fails fast and properly, and heals by itself."""

import logging
import time

import httpx
import pytest

from tests.compliance.live import LiveHost
from tests.contract.conftest import As
from tests.contract.dependencies import (
    OPEN,
    SLACK,
    Outage,
    Pair,
    breakers,
    identity,
    measure_floor,
    readiness,
    seconds_of,
    wait_until,
)
from tests.contract.first_party import FirstParty, catalog_of, first_parties
from tests.contract.openapi import Api, load_api
from tests.hosts import shared_hosts

SECONDS_TO_RED, SECONDS_TO_GREEN = 10, 30
CALLS = 8
_log = logging.getLogger(__name__)  # pytest --log-cli-level=INFO shows what was measured


def pairs() -> list[pytest.ParameterSet]:
    """Each service with each of its needs; only the first of each is quick enough for every run."""
    found = []
    for service in first_parties(catalog_of(shared_hosts())):
        for number, need in enumerate(service.service.needs):
            marks = [pytest.mark.full] if number else []
            pair = Pair(service=service, need=need)
            found.append(pytest.param(pair, id=str(pair), marks=marks))
    return found


@pytest.mark.parametrize("pair", pairs())
def test_a_service_outlives_what_it_needs(
    host: LiveHost,
    as_client: As,
    client: httpx.Client,
    pair: Pair,
) -> None:
    nobody, service = as_client(None), pair.service
    api, before = load_api(service, client), identity(host, service)
    assert readiness(nobody, service) == (200, set())
    floor = measure_floor(nobody, service)
    # The first good call afterwards takes what a good call takes: a model that writes an answer needs its seconds.
    usual = seconds_of(lambda: pair.ask(api, client))
    with Outage(host, pair.need).lasting():
        red, (status, missing) = wait_until(
            lambda: readiness(nobody, service), lambda seen: pair.need in seen[1]
        )
        assert (status, pair.need in missing) == (503, True), f"{pair.need} isn't missed: {status} {missing}"
        assert_calls_fail_properly(pair, client, api, floor)
        _, states = wait_until(
            lambda: (pair.ask(api, client), breakers(host, service))[1],
            lambda seen: seen.get(pair.need) == OPEN,
        )
        assert states.get(pair.need) == OPEN, f"no breaker opens for {pair.need}: {states}"
    green, seen = wait_until(lambda: readiness(nobody, service), lambda seen: seen[0] == 200)
    assert seen == (200, set())
    healed, answers = wait_until(lambda: pair.ask(api, client), are_good)
    assert are_good(answers), [f"{one.status_code} {one.text[:200]}" for one in answers]
    assert identity(host, service) == before, "it was restarted"
    _log.info(
        "%s: red after %.1f s, green after %.1f s, calls good after %.1f s more; an answer takes %.3f s, a call %.1f s",
        *(pair, red, green, healed, floor, usual),
    )
    assert red <= SECONDS_TO_RED + SLACK * floor
    assert green + healed <= SECONDS_TO_GREEN + SLACK * floor + usual


def assert_calls_fail_properly(pair: Pair, client: httpx.Client, api: Api, floor: float) -> None:
    """Each call ends within the route's time, with what it must end with; the client looks at each problem."""
    for _ in range(CALLS):
        began = time.monotonic()
        answers = pair.ask(api, client)
        took = time.monotonic() - began
        assert took <= len(answers) * (pair.service.timeout + SLACK * floor)
        found = {answer.status_code for answer in answers}
        assert found & set(pair.expected), f"nothing tells that {pair.need} is gone: {found}"
        assert {one for one in found if one >= 500} <= {503, 504}, found


def are_good(answers: list[httpx.Response]) -> bool:
    """Whether no answer is a failure of the service."""
    return all(answer.status_code < 500 for answer in answers)


def test_every_need_of_every_service_is_tried() -> None:
    services: tuple[FirstParty, ...] = first_parties(catalog_of(shared_hosts()))
    assert len(pairs()) == sum(len(one.service.needs) for one in services)
