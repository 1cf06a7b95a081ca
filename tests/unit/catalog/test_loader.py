"""Folders become one catalog."""

from pathlib import Path

import pytest

from garrison.catalog.catalog import Catalog
from garrison.catalog.loader import load_catalog
from garrison.problem import ProblemError


def test_folders_without_a_service_file_are_passed_over(catalog: Catalog) -> None:
    assert list(catalog.services) == ["alone", "api", "door", "fetch", "jobs", "model", "store"]


def test_a_services_folder_is_known(catalog: Catalog, stack: Path) -> None:
    assert catalog.folder("api") == stack / "api"


def test_the_example_of_the_manual_joins_the_stack_from_a_folder_of_its_own(
    stack: Path, fixtures: Path
) -> None:
    together = load_catalog([stack, fixtures / "example_service"])
    assert together.services["hello"].route is not None
    assert together.folder("hello").parent.name == "example_service"


def test_the_projects_own_services_are_sound(root: Path) -> None:
    assert load_catalog([root / "services"]).services


def test_a_folder_that_is_not_there_is_named(stack: Path) -> None:
    with pytest.raises(ProblemError, match="nowhere: there is no such folder of services"):
        load_catalog([stack, Path("nowhere")])
