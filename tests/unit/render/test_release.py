"""A release is the same bytes for the same input, and touches only what changed."""

import hashlib
import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from garrison.catalog.catalog import Catalog
from garrison.catalog.images import plan_images
from garrison.catalog.loader import load_catalog
from garrison.render.model import MANIFEST, Release
from garrison.render.release import render_release
from garrison.render.version import VERSION
from garrison.settings import HostSettings


@pytest.fixture
def render(settings: HostSettings, stack: Path) -> Callable[..., Release]:
    def render(catalog: Catalog, **options: object) -> Release:
        images = plan_images(catalog, settings, services=stack, lock={})
        return render_release(catalog, settings, images, **options)  # type: ignore[arg-type]

    return render


def changed(catalog: Catalog, name: str, **values: object) -> Catalog:
    service = catalog.services[name].model_copy(update=values)
    return Catalog(services={**catalog.services, name: service}, sources=catalog.sources)


def replaced(before: Release, after: Release) -> list[str]:
    """The services whose containers would be created anew."""
    return [
        name
        for name, service in after.services.items()
        if name not in before.services or before.services[name].config_digest != service.config_digest
    ]


def test_what_is_rendered_is_the_golden_tree(
    release: Release, root: Path, golden: Callable[[str, Mapping[str, bytes]], None]
) -> None:
    files = {f"release/{path}": file.content for path, file in release.files.items()}
    for name, tree in release.config_trees.items():
        files |= {f"config/{name}/{path}": file.content for path, file in tree.files.items()}
    as_they_are = {f"config/door/nginx/{path.name}" for path in (root / "templates/nginx").iterdir()}
    golden("stack", {path: content for path, content in files.items() if path not in as_they_are})


def test_the_same_input_gives_the_same_digest(
    release: Release, stack: Path, render: Callable[..., Release]
) -> None:
    again = render(load_catalog([stack]))
    assert again.digest == release.digest
    assert again == release


def test_the_services_are_in_the_order_in_which_they_start(release: Release, catalog: Catalog) -> None:
    assert tuple(release.services) == catalog.order()


def test_another_title_is_another_release_but_no_other_container(
    release: Release, catalog: Catalog, render: Callable[..., Release]
) -> None:
    after = render(changed(catalog, "jobs", title="Another title"))
    assert after.digest != release.digest
    assert replaced(release, after) == []


def test_another_environment_replaces_that_one_container(
    release: Release, catalog: Catalog, render: Callable[..., Release]
) -> None:
    after = render(changed(catalog, "jobs", environment={"MODE": "fast"}))
    assert replaced(release, after) == ["jobs"]


def test_a_new_consumer_replaces_the_provider_that_provisions_it(
    release: Release, catalog: Catalog, render: Callable[..., Release]
) -> None:
    after = render(changed(catalog, "fetch", needs=("store",)))
    assert replaced(release, after) == ["store", "fetch"]


def test_a_new_route_replaces_the_door(
    release: Release, catalog: Catalog, render: Callable[..., Release]
) -> None:
    route = catalog.services["api"].route
    assert route is not None
    after = render(changed(catalog, "api", route=route.model_copy(update={"body": "5M"})))
    assert replaced(release, after) == ["door"]


def test_a_file_keeps_its_folder_while_another_service_changes(
    release: Release, catalog: Catalog, render: Callable[..., Release]
) -> None:
    after = render(changed(catalog, "jobs", environment={"MODE": "fast"}))
    assert after.config_trees["store"].folder("/srv") == release.config_trees["store"].folder("/srv")


def test_a_limit_without_its_controller_is_left_out(catalog: Catalog, render: Callable[..., Release]) -> None:
    spec = render(catalog, delegated=frozenset({"pids"})).services["api"].spec
    assert spec["pids_limit"] == 64
    assert not spec.keys() & {"mem_limit", "cpus"}


def test_scripts_can_be_run_and_other_files_cannot(release: Release) -> None:
    modes = {path: file.mode for path, file in release.config_trees["store"].files.items()}
    assert modes == {"start.sh": 0o755, "sizes.conf": 0o644}


def test_the_manifest_lists_every_other_file_with_its_digest(release: Release) -> None:
    listed = json.loads(release.files[MANIFEST].content)["files"]
    found = {path: hashlib.sha256(file.content).hexdigest() for path, file in release.files.items()}
    del found[MANIFEST]
    assert {path: entry["sha256"] for path, entry in listed.items()} == found


def test_the_digest_of_a_release_is_nowhere_inside_it(release: Release) -> None:
    trees = [file for tree in release.config_trees.values() for file in tree.files.values()]
    assert all(release.digest.encode() not in file.content for file in (*release.files.values(), *trees))


def test_the_manifest_names_the_version_of_the_package(root: Path) -> None:
    assert tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"] == VERSION


def test_a_catalog_without_a_door_has_no_units(catalog: Catalog, render: Callable[..., Release]) -> None:
    inside = ["alone", "fetch", "jobs", "store"]
    part = Catalog(services={name: catalog.services[name] for name in inside}, sources=catalog.sources)
    assert sorted(render(part).files) == ["beside.yaml", "compose.yaml", "expectations.json", "manifest.json"]


def test_the_projects_own_services_can_be_rendered(root: Path, settings: HostSettings) -> None:
    catalog = load_catalog([root / "services"])
    images = plan_images(catalog, settings, services=root / "services", lock={})
    release = render_release(catalog, settings, images)
    assert set(release.services) == set(catalog.services)
