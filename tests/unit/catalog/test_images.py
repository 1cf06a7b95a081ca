"""Which image a service gets, by what the host can reach."""

from pathlib import Path

import pytest

from garrison.catalog.catalog import Catalog
from garrison.catalog.images import ImagePlan, LockedImage, Origin, base_reference, load_lock, plan_images
from garrison.problem import ProblemError
from garrison.settings import HostSettings

DIGEST = f"sha256:{'3' * 64}"
LOCK = {"api": LockedImage(ref="registry.test:5000/garrison/api:abc", digest=DIGEST)}


def plan(
    catalog: Catalog, stack: Path, source: str, lock: dict[str, LockedImage], **more: object
) -> dict[str, ImagePlan]:
    data = {"server_names": ["lab.test"], "image_source": source, **more}
    settings = HostSettings.from_data("test", data)
    return plan_images(catalog, settings, services=stack, lock=lock)


def test_a_host_without_a_registry_builds_all_it_can(catalog: Catalog, stack: Path) -> None:
    images = plan(catalog, stack, "build", LOCK)
    built = sorted(name for name, image in images.items() if image.origin is Origin.BUILD)
    assert built == ["alone", "api", "door", "fetch", "jobs", "store"]


def test_the_tag_of_a_built_image_is_the_digest_of_its_context(catalog: Catalog, stack: Path) -> None:
    image = plan(catalog, stack, "build", {})["api"]
    assert image.reference == f"localhost/garrison/api:{image.digest[:16]}"


def test_the_lock_goes_before_what_the_service_names(catalog: Catalog, stack: Path) -> None:
    image = plan(catalog, stack, "registry", LOCK)["api"]
    assert image.reference == f"registry.test:5000/garrison/api@{DIGEST}"
    assert image.tag == "abc"


def test_without_a_lock_a_registry_serves_what_the_service_names(catalog: Catalog, stack: Path) -> None:
    image = plan(catalog, stack, "registry", {})["store"]
    assert image.reference == f"docker.io/example/store@sha256:{'1' * 64}"


def test_what_no_registry_has_is_built_even_so(catalog: Catalog, stack: Path) -> None:
    assert plan(catalog, stack, "registry", {})["jobs"].origin is Origin.BUILD


@pytest.fixture
def stand_ins(tmp_path: Path) -> Path:
    """A folder with a stand-in for one service that can't be built and one that can."""
    for name in ("model", "store"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "Containerfile").write_text("ARG BASE\nFROM ${BASE}\n")
    return tmp_path


def test_a_stand_in_takes_the_place_of_what_cannot_be_built(
    catalog: Catalog, stack: Path, stand_ins: Path
) -> None:
    images = plan(catalog, stack, "build", {}, stand_ins=stand_ins)
    image = images["model"]
    assert (image.origin, image.folder) == (Origin.STAND_IN, stand_ins / "model")
    assert image.reference == f"localhost/garrison/stand-in/model:{image.digest[:16]}"
    assert images["store"].origin is Origin.BUILD


def test_without_a_stand_in_what_cannot_be_built_is_pulled(catalog: Catalog, stack: Path) -> None:
    image = plan(catalog, stack, "build", {})["model"]
    assert (image.origin, image.tag) == (Origin.PULL, "7")


@pytest.mark.parametrize("lock", [{}, {"model": LockedImage(ref="registry.test/model:1", digest=DIGEST)}])
def test_a_registry_deploy_never_has_a_stand_in(
    catalog: Catalog, stack: Path, stand_ins: Path, lock: dict[str, LockedImage]
) -> None:
    images = plan(catalog, stack, "registry", lock, stand_ins=stand_ins)
    assert Origin.STAND_IN not in {image.origin for image in images.values()}


def test_a_missing_recipe_of_the_base_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="the recipe of the base image is missing"):
        base_reference(tmp_path / "recipe.yaml")


def test_no_lock_file_is_an_empty_lock(tmp_path: Path) -> None:
    assert load_lock(tmp_path / "images.lock.yaml", ["api"]) == {}


def test_a_lock_is_read(tmp_path: Path) -> None:
    path = tmp_path / "images.lock.yaml"
    path.write_text(f"api:\n  ref: registry.test:5000/garrison/api:abc\n  digest: {DIGEST}\n")
    assert load_lock(path, ["api"]) == LOCK


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (
            f"apo: {{ref: 'r.test/api:1', digest: '{DIGEST}'}}",
            "lock.yaml:1 apo: there is no such service. Did you",
        ),
        (
            f"api: {{ref: 'r.test/api:latest', digest: '{DIGEST}'}}",
            "api: tag 'latest' rolls. Name a version.",
        ),
        (f"api: {{ref: 'r.test/api', digest: '{DIGEST}'}}", "is not registry/name:tag. Write all three."),
        ("api: {ref: 'r.test/api:1'}", "lock.yaml:1 api.digest: the key is missing."),
        ("api: {ref: 'r.test/api:1', digest: 'sha256:1'}", "api.digest: this should match"),
    ],
)
def test_a_faulty_lock_is_refused(tmp_path: Path, entry: str, said: str) -> None:
    path = tmp_path / "images.lock.yaml"
    path.write_text(entry)
    with pytest.raises(ProblemError) as raised:
        load_lock(path, ["api"])
    assert said in str(raised.value)
