"""What holds for every catalog, tried on many that chance makes (always the same ones)."""

import random
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest

from garrison.catalog.catalog import Catalog
from garrison.catalog.checks.needs import find_cycle
from garrison.catalog.model import Service

DIGEST = f"sha256:{'4' * 64}"


def service(name: str, **values: object) -> Service:
    return Service.model_validate(
        {
            "name": name,
            "title": f"Service {name}",
            "image": {"ref": f"example.org/{name}:1", "digest": DIGEST},
            "user": 10001,
            "listen": {"http": 8000},
            "health": {"http": "/health", "via": "curl"},
            "limits": {"memory": "64M", "cpus": 1, "pids": 32},
            **values,
        }
    )


def _said(one: Service) -> dict[str, Any]:
    return one.model_dump(exclude_unset=True)


def chance(seed: int) -> Catalog:
    """A catalog whose needs have no cycle: each service needs only some of those before it. One scrapes the rest."""
    dice = random.Random(seed)  # noqa: S311 - not for secrets
    names = [f"s{number}" for number in range(dice.randint(1, 20))]
    dice.shuffle(names)
    services = {
        name: service(
            name,
            needs=sorted(dice.sample(names[:index], dice.randint(0, min(index, 4)))),
            credential=dice.choice([None, "each", "shared"]),
            route=dice.choice([None, {"path": f"/{name}/"}]),
            publish=dice.choice([{}, {"http": 9000 + index}]),
            metrics=dice.choice([None, {"path": "/metrics"}]),
        )
        for index, name in enumerate(names)
    }
    for name in (name for name in names if services[name].credential == "shared" and services[name].metrics):
        services[name] = service(**{**_said(services[name]), "metrics": {"path": "/metrics", "auth": "key"}})
    scraper = dice.choice([*names, None])
    if scraper:
        services[scraper] = service(**{**_said(services[scraper]), "scrapes": True})
    services["door"] = service("door", door={"http": 80, "https": 443}, verifies_keys=True)
    return Catalog(services=dict(sorted(services.items())), sources={})


CATALOGS = [chance(seed) for seed in range(40)]


@pytest.fixture(params=CATALOGS, ids=range(len(CATALOGS)))
def any_catalog(request: pytest.FixtureRequest) -> Catalog:
    found: Catalog = request.param
    return found


def test_providers_start_first_and_everybody_starts(any_catalog: Catalog) -> None:
    order = any_catalog.order()
    assert sorted(order) == sorted(any_catalog.services)
    assert all(order.index(one.provider) < order.index(one.consumer) for one in any_catalog.dependencies())


def test_each_edge_is_one_network_of_its_two_ends(any_catalog: Catalog) -> None:
    pairs = Counter(network.members for network in any_catalog.networks() if len(network.members) == 2)
    assert pairs == Counter((edge.consumer, edge.provider) for edge in any_catalog.edges())


def test_who_only_scrapes_reaches_the_metrics_alone(any_catalog: Catalog) -> None:
    only_scraped = set(any_catalog.edges()) - set(any_catalog.dependencies())
    assert {edge.consumer for edge in only_scraped} <= {
        one.name for one in any_catalog.services.values() if one.scrapes
    }
    assert all(any_catalog.services[edge.provider].metrics for edge in only_scraped)


def test_no_network_has_three_members(any_catalog: Catalog) -> None:
    assert all(len(network.members) <= 2 for network in any_catalog.networks())


def test_a_secret_is_seen_only_by_ends_of_its_providers_edges(any_catalog: Catalog) -> None:
    pairs = {(edge.consumer, edge.provider) for edge in any_catalog.edges()}
    for secret in any_catalog.generated_secrets():
        holders = [name for name in any_catalog.services if secret in any_catalog.secrets_of(name)]
        provider = next(name for name in any_catalog.services if secret.startswith(f"{name}_"))
        assert all((holder, provider) in pairs for holder in holders if holder != provider)


def test_every_password_has_one_holder_and_its_provider_is_none(any_catalog: Catalog) -> None:
    holders = Counter(
        secret
        for name in any_catalog.services
        for secret in any_catalog.secrets_of(name)
        if secret.endswith("_password")
    )
    assert set(holders.values()) <= {1}


def test_the_order_does_not_depend_on_how_the_services_are_listed(any_catalog: Catalog) -> None:
    turned = Catalog(services=dict(reversed(any_catalog.services.items())), sources={})
    assert turned.order() == any_catalog.order()
    assert turned.digest == any_catalog.digest


def test_a_cycle_is_found_wherever_it_is() -> None:
    dice = random.Random(1)  # noqa: S311 - not for secrets
    for _ in range(100):
        names = [f"s{number}" for number in range(dice.randint(2, 12))]
        providers = {
            name: [other for other in names if other < name and dice.random() < 0.3] for name in names
        }
        assert find_cycle(providers) is None
        low, high = sorted(dice.sample(names, 2))
        providers[high] = sorted({*providers[high], low})
        providers[low] = sorted({*providers[low], high})
        circle = find_cycle(providers)
        assert circle is not None
        assert circle[0] == circle[-1]
        assert all(after in providers[before] for before, after in pairwise(circle))
