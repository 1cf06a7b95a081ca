"""What follows from the fixture catalog: edges, networks, order, secrets."""

from itertools import combinations

import pytest

from garrison.catalog.catalog import Catalog, Edge, Network


def test_edges_are_needs_and_routes(catalog: Catalog) -> None:
    pairs = [(edge.consumer, edge.provider) for edge in catalog.edges()]
    assert pairs == [
        ("api", "model"),
        ("api", "store"),
        ("door", "api"),
        ("door", "model"),
        ("jobs", "store"),
    ]


def test_every_edge_has_exactly_one_network_and_the_rest_have_none_in_common(catalog: Catalog) -> None:
    edges = set(catalog.edges())
    for one, other in combinations(catalog.services, 2):
        shared = set(catalog.networks_of(one)) & set(catalog.networks_of(other))
        declared = {Edge(consumer=one, provider=other), Edge(consumer=other, provider=one)} & edges
        assert len(shared) == len(declared), (one, other)


def test_a_network_is_named_for_its_two_ends(catalog: Catalog) -> None:
    assert Network(name="garrison-api--store", members=("api", "store")) in catalog.networks()


def test_only_egress_leads_out(catalog: Catalog) -> None:
    leading_out = [network for network in catalog.networks() if not network.internal]
    assert leading_out == [Network(name="garrison-fetch--egress", members=("fetch",), internal=False)]


def test_a_published_service_without_an_edge_has_a_network_to_itself(catalog: Catalog) -> None:
    assert catalog.networks_of("alone") == (Network(name="garrison-alone", members=("alone",)),)


def test_providers_come_first_and_the_door_last(catalog: Catalog) -> None:
    assert catalog.order() == ("alone", "fetch", "model", "store", "api", "jobs", "door")


def test_the_order_holds_for_every_edge(catalog: Catalog) -> None:
    order = catalog.order()
    assert all(order.index(edge.provider) < order.index(edge.consumer) for edge in catalog.edges())


def test_consumers_are_those_that_need_it(catalog: Catalog) -> None:
    assert [service.name for service in catalog.consumers("store")] == ["api", "jobs"]
    assert [service.name for service in catalog.consumers("api")] == []


@pytest.mark.parametrize(
    ("name", "secrets"),
    [
        ("store", ()),
        ("api", ("api_signing_key", "model_key", "store_api_password")),
        ("jobs", ("store_jobs_password",)),
        ("model", ("model_key", "model_key_standby")),
        ("door", ("door_tls_key", "model_key")),
        ("alone", ()),
    ],
)
def test_a_service_sees_the_secrets_of_its_own_edges(
    catalog: Catalog, name: str, secrets: tuple[str, ...]
) -> None:
    assert catalog.secrets_of(name) == secrets


def test_the_key_of_the_certificate_is_not_generated_at_random(catalog: Catalog) -> None:
    assert catalog.generated_secrets() == (
        "api_signing_key",
        "model_key",
        "model_key_standby",
        "store_api_password",
        "store_jobs_password",
    )


def test_the_digest_is_of_what_is_said_and_not_of_how(catalog: Catalog) -> None:
    reversed_services = dict(reversed(list(catalog.services.items())))
    assert Catalog(services=reversed_services, sources=catalog.sources).digest == catalog.digest
