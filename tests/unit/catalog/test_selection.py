"""Profiles choose a part that is whole by itself."""

from pathlib import Path

import pytest

from garrison.catalog.catalog import Catalog
from garrison.catalog.loader import load_catalog
from garrison.problem import ProblemError


def rewritten(catalog: Catalog, **profiles: str) -> Catalog:
    """The catalog with some services moved to another profile."""
    services = {
        name: service.model_copy(update={"profiles": (profiles[name],)}) if name in profiles else service
        for name, service in catalog.services.items()
    }
    return Catalog(services=services, sources=catalog.sources)


def test_a_profile_leaves_the_others_out(catalog: Catalog) -> None:
    assert "jobs" not in catalog.select(["core"]).services
    assert "store_jobs_password" not in catalog.select(["core"]).generated_secrets()


def test_all_profiles_are_the_whole_catalog(catalog: Catalog) -> None:
    assert catalog.select(["core", "extra"]).services == catalog.services


def test_an_unknown_profile_is_met_half_way(catalog: Catalog) -> None:
    with pytest.raises(
        ProblemError, match=r"profiles exta: no service has this profile\. Did you mean 'extra'"
    ):
        catalog.select(["core", "exta"])


def test_a_need_in_a_profile_that_is_left_out_is_named(catalog: Catalog) -> None:
    with pytest.raises(
        ProblemError, match=r"api/service.yaml:11 needs.0: 'store' is in none .* Select data too"
    ):
        rewritten(catalog, store="data").select(["core"])


def test_routes_need_the_door_to_be_selected(catalog: Catalog) -> None:
    with pytest.raises(ProblemError, match="no service is the door"):
        rewritten(catalog, door="edge").select(["core"])


def test_a_secret_of_a_service_that_is_left_out_is_named(catalog: Catalog) -> None:
    borrowed = catalog.services["alone"].model_copy(update={"secrets": ("api_signing_key",)})
    both = Catalog(services={**catalog.services, "alone": borrowed}, sources=catalog.sources)
    with pytest.raises(ProblemError, match=r"alone/service\.yaml.*'api', which defines it, is in none"):
        rewritten(both, api="extra", jobs="extra").select(["core"])


def test_the_projects_core_is_whole(root: Path) -> None:
    assert load_catalog([root / "services"]).select(["core"]).services
