"""The door's configuration and units follow from the routes."""

from pathlib import Path

from garrison.catalog.catalog import Catalog
from garrison.catalog.loader import load_catalog
from garrison.render.compose import DIGEST_LABEL
from garrison.render.door import door_routes
from garrison.render.model import Release
from garrison.render.places import DOOR_SERVICE, DOOR_SOCKET


def test_a_shared_credential_is_sent_on_and_others_pass_the_clients_key(catalog: Catalog) -> None:
    assert {route.path: route.key_secret for route in door_routes(catalog)} == {
        "/api/": None,
        "/model/": "model_key",
    }


def test_the_upstream_is_the_name_and_port_inside_the_network(catalog: Catalog) -> None:
    assert [route.upstream for route in door_routes(catalog)] == ["api:8091", "model:8080"]


def test_the_example_of_the_manual_becomes_a_route(stack: Path, fixtures: Path) -> None:
    together = load_catalog([stack, fixtures / "example_service"])
    hello = next(route for route in door_routes(together) if route.path == "/hello/")
    assert (hello.upstream, hello.auth) == ("hello:8900", "none")


def test_the_unit_carries_the_digest_that_the_plan_compares(release: Release) -> None:
    label = f'--label "{DIGEST_LABEL}={release.services["door"].config_digest}"'
    assert label.encode() in release.files[DOOR_SERVICE].content


def test_the_units_mount_the_tree_by_its_digest(release: Release) -> None:
    folder = release.config_trees["door"].folder("/srv/garrison")
    assert f"{folder}/nginx:".encode() in release.files[DOOR_SERVICE].content


def test_the_socket_stays_as_it_is_while_routes_change(release: Release) -> None:
    assert b"digest" not in release.files[DOOR_SOCKET].content
