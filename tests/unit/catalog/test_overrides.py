"""What an inventory adds to services is held to the same rules as their files."""

from pathlib import Path
from typing import Any

import pytest

from garrison.catalog.catalog import Catalog
from garrison.catalog.overrides import apply_overrides
from garrison.catalog.walls import wall_of
from garrison.problem import ProblemError
from garrison.settings import HostSettings

WAY: dict[str, Any] = {
    "reason": "It asks a model of the company.",
    "to": [{"host": "models.example.net", "tcp": [443]}],
}
PACKS = f"""\
packs:
- {{name: one, title: One, kind: archive, format: pages, sha256: {"a" * 64}, url: "https://docs.example.net/one.tar",
   hosts: ["mirror.example.net:8443"]}}
- {{name: two, title: Two, kind: archive, format: pages, sha256: {"b" * 64}, url: "http://192.0.2.7:8480/two.tar",
   insecure: "a test has no secrets"}}
"""


def settings(**said: Any) -> HostSettings:
    return HostSettings.from_data("host", {"server_names": ["lab.test"], **said})


def test_without_overrides_the_catalog_is_the_same(catalog: Catalog) -> None:
    assert apply_overrides(catalog, settings()) is catalog


def test_variables_are_added_and_replaced(catalog: Catalog) -> None:
    said = {"api": {"STORE": "elsewhere:5432", "MODE": "fast"}}
    changed = apply_overrides(catalog, settings(service_environment=said))
    assert changed.services["api"].environment == {
        "STORE": "elsewhere:5432",
        "MODEL": "http://model:8080",
        "MODE": "fast",
    }
    assert changed.services["store"] == catalog.services["store"]


def test_a_way_out_is_a_network_of_its_own(catalog: Catalog) -> None:
    changed = apply_overrides(catalog, settings(service_egress={"api": WAY}))
    assert changed.services["api"].egress
    assert changed.services["api"].egress.reason == WAY["reason"]
    assert wall_of(changed, "api").endswith(" models.example.net=tcp/443")
    added = {network.name for network in changed.networks()} - {one.name for one in catalog.networks()}
    assert added == {"garrison-api--egress"}


def test_what_a_host_adds_is_another_catalog(catalog: Catalog) -> None:
    changed = apply_overrides(catalog, settings(service_environment={"api": {"MODE": "fast"}}))
    assert changed.digest != catalog.digest


def test_the_inventory_adds_to_what_a_service_names(catalog: Catalog) -> None:
    changed = apply_overrides(catalog, settings(service_egress={"fetch": WAY}))
    own = wall_of(catalog, "fetch")
    assert wall_of(changed, "fetch") == f"{own} models.example.net=tcp/443"


def test_the_hosts_of_documentation_packs_are_destinations(catalog: Catalog, tmp_path: Path) -> None:
    packs = tmp_path / "packs.yaml"
    packs.write_text(PACKS)
    way = {"reason": "It fetches documentation.", "packs": True}
    said = settings(service_egress={"api": way}, documentation_packs=packs)
    wall = wall_of(apply_overrides(catalog, said), "api")
    assert wall.split()[-3:] == [
        "192.0.2.7=tcp/8480",
        "docs.example.net=tcp/443",
        "mirror.example.net=tcp/8443",
    ]


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "no such service": (
        {"service_environment": {"apo": {"MODE": "fast"}}},
        "inventory: service_environment.apo: there is no such service. Did you mean 'api'?",
    ),
    "no such service for a way out": (
        {"service_egress": {"nobody": WAY}},
        "inventory: service_egress.nobody: there is no such service. The services are alone,",
    ),
    "a secret": (
        {"service_environment": {"api": {"REMOTE_API_KEY": "hunter2"}}},
        "inventory: service_environment.api.REMOTE_API_KEY: this looks like a secret. List it under 'secrets'",
    ),
    "a name in lower case": (
        {"service_environment": {"api": {"mode": "fast"}}},
        "inventory: service_environment.api.mode: String should match pattern",
    ),
    "a way out for no reason": (
        {"service_egress": {"api": WAY | {"reason": "because"}}},
        "service_egress.api.reason: String should have at least 10 characters.",
    ),
    "a way out to nowhere": (
        {"service_egress": {"api": {"reason": "It asks a model of the company."}}},
        "service_egress.api: it leads nowhere; name destinations under 'to'",
    ),
    "a secret by another name": (
        {"service_environment": {"api": {"REMOTE_KEY": "hunter2"}}},
        "inventory: service_environment.api.REMOTE_KEY: this looks like a secret.",
    ),
    "a password inside an address": (
        {"service_environment": {"api": {"REMOTE_URL": "https://me:hunter2@models.example.net/v1"}}},
        "inventory: service_environment.api.REMOTE_URL: the address has a password in it. List it under 'secrets'",
    ),
    "code of somebody else": (
        {"service_environment": {"api": {"LD_PRELOAD": "/data/other.so"}}},
        "inventory: service_environment.api.LD_PRELOAD: this decides what code is loaded,",
    ),
    "what the engine may set one day": (
        {"service_environment": {"api": {"GARRISON_ANYTHING": "other"}}},
        "inventory: service_environment.api.GARRISON_ANYTHING: what begins with GARRISON_ is the engine's to set.",
    ),
    "what the engine sets": (
        {"service_environment": {"api": {"GARRISON_EMBEDDING_MODEL": "other"}}},
        "inventory: service_environment.api.GARRISON_EMBEDDING_MODEL: this follows from 'embedding' of the service",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_the_inventorys_and_says_how_to_mend_it(catalog: Catalog, fault: str) -> None:
    said, expected = FAULTS[fault]
    with pytest.raises(ProblemError) as raised:
        apply_overrides(catalog, settings(**said))
    (problem,) = raised.value.problems
    assert expected in str(problem)
    assert "hunter2" not in str(problem)


def test_a_value_that_is_no_text_is_refused() -> None:
    with pytest.raises(ProblemError, match=r"service_environment\.api\.MODE"):
        settings(service_environment={"api": {"MODE": 5}})
