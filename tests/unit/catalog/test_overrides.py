"""What an inventory adds to services is held to the same rules as their files."""

from typing import Any

import pytest

from garrison.catalog.catalog import Catalog
from garrison.catalog.overrides import apply_overrides
from garrison.problem import ProblemError
from garrison.settings import HostSettings


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
    reason = "It asks a model of the company."
    changed = apply_overrides(catalog, settings(service_egress={"api": reason}))
    assert changed.services["api"].egress
    assert changed.services["api"].egress.reason == reason
    added = {network.name for network in changed.networks()} - {one.name for one in catalog.networks()}
    assert added == {"garrison-api--egress"}


def test_what_a_host_adds_is_another_catalog(catalog: Catalog) -> None:
    changed = apply_overrides(catalog, settings(service_environment={"api": {"MODE": "fast"}}))
    assert changed.digest != catalog.digest


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "no such service": (
        {"service_environment": {"apo": {"MODE": "fast"}}},
        "inventory: service_environment.apo: there is no such service. Did you mean 'api'?",
    ),
    "no such service for a way out": (
        {"service_egress": {"nobody": "It asks a model of the company."}},
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
        {"service_egress": {"api": "because"}},
        "inventory: service_egress.api: String should have at least 10 characters. Mend it;",
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
