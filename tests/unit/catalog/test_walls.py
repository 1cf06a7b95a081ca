"""A wall's words say what a service declares, and nothing more."""

import pytest
from pydantic import ValidationError

from garrison.catalog.catalog import Catalog
from garrison.catalog.egress import Destination, Egress
from garrison.catalog.walls import wall_of


def test_a_consumer_may_begin_at_its_providers_ports(catalog: Catalog) -> None:
    store = catalog.services["store"]
    assert f"garrison-api--store=tcp/{','.join(str(p) for p in sorted(store.listen.values()))}" in wall_of(
        catalog, "api"
    )


def test_a_provider_may_begin_nothing(catalog: Catalog) -> None:
    assert "=" not in wall_of(catalog, "store")


def test_a_network_is_named_for_its_name_server_even_where_nothing_may_begin(catalog: Catalog) -> None:
    words = {word.partition("=")[0] for word in wall_of(catalog, "store").split()}
    assert words == {network.name for network in catalog.networks_of("store")}


def test_a_way_out_is_its_destinations_and_ports(catalog: Catalog) -> None:
    words = wall_of(catalog, "fetch").split()
    assert words[1:] == ["pages.example.net=tcp/443", "203.0.113.0/28=tcp/80,443", "203.0.113.0/28=udp/443"]


def test_every_wall_has_a_word_for_each_edge(catalog: Catalog) -> None:
    said = {
        f"{word.partition('=')[0]}" for name in catalog.services for word in wall_of(catalog, name).split()
    }
    assert {f"garrison-{edge.consumer}--{edge.provider}" for edge in catalog.edges()} <= said


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"host": "Models.example.net", "tcp": [443]}, "not a whole DNS name"),
        ({"host": "models", "tcp": [443]}, "not a whole DNS name"),
        ({"host": "garrison-api--store.x.net", "tcp": [443]}, "not a whole DNS name"),
        ({"host": "203.0.113.7", "tcp": [443]}, "not a whole DNS name"),
        ({"host": "models.example.net tcp/22", "tcp": [443]}, "not a whole DNS name"),
        ({"net": "203.0.113.7/24", "tcp": [443]}, "not a network or an address"),
        ({"net": "2001:db8::/32", "tcp": [443]}, "IPv4 only"),
        ({"net": "0.0.0.0/0", "tcp": [443]}, "whole world"),
        ({"net": "203.0.113.7"}, "no port is open"),
        ({"tcp": [443]}, "either a 'host' or a 'net'"),
        ({"host": "a.example.net", "net": "203.0.113.7", "tcp": [443]}, "either a 'host' or a 'net'"),
        ({"net": "203.0.113.7", "tcp": [0]}, "greater than or equal to 1"),
        ({"net": "203.0.113.7", "tcp": [65536]}, "less than or equal to 65535"),
    ],
)
def test_a_destination_that_is_no_good_says_why(said: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        Destination.model_validate(said)


def test_a_way_out_leads_somewhere() -> None:
    with pytest.raises(ValidationError, match="it leads nowhere"):
        Egress(reason="It asks a model of the company.")


def test_an_address_is_written_without_its_length() -> None:
    assert Destination(net="203.0.113.7/32", tcp=(443, 80, 80)).place == "203.0.113.7"
