"""The walk of docs/adding-a-service.md shows the files of the example, and the example is what the walk says."""

import re
import tomllib
from pathlib import Path

import pytest

from garrison.catalog.loader import load_catalog
from tests.contract.first_party import first_parties
from tests.contract.said import Said, read_said

BLOCK = re.compile(r"^`(\S+)`\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def folder(fixtures: Path) -> Path:
    return fixtures / "first_party_service" / "glossary"


@pytest.fixture(scope="module")
def walk(root: Path) -> str:
    page = (root / "docs" / "adding-a-service.md").read_text()
    return page.partition("## A first-party service in one folder")[2]


def test_every_file_that_the_walk_shows_is_the_examples(walk: str, folder: Path) -> None:
    shown = BLOCK.findall(walk)
    assert {name for name, _ in shown} >= {"service.yaml", "requirements.in", "tests/contract.yaml"}
    for name, text in shown:
        assert text in (folder / name).read_text(), name


def test_contributing_leads_to_the_walk(root: Path) -> None:
    assert "A new first-party service in one folder" in (root / "CONTRIBUTING.md").read_text()


def test_its_catalog_entry_alone_brings_it_under_the_contract(fixtures: Path, root: Path) -> None:
    before = {one.name for one in first_parties(load_catalog([root / "services"]))}
    after = first_parties(load_catalog([root / "services", fixtures / "first_party_service"]))
    assert {one.name for one in after} - before == {"glossary"}


def test_what_its_folder_tells_the_contract_can_be_read(folder: Path) -> None:
    assert read_said(folder) != Said()


def test_what_each_service_tells_the_contract_is_about_its_own_needs(root: Path) -> None:
    for service in first_parties(load_catalog([root / "services"])):
        assert service.said.needs.keys() <= set(service.service.needs), service.name


def test_image_and_catalog_agree(folder: Path, fixtures: Path, root: Path) -> None:
    service = load_catalog([root / "services", fixtures / "first_party_service"]).services["glossary"]
    recipe = (folder / "Containerfile").read_text()
    assert f"USER {service.user}:{service.user}\n" in recipe
    assert f"EXPOSE {service.listen['http']}\n" in recipe


def test_its_lock_is_complete_and_hashed(folder: Path) -> None:
    lock = (folder / "requirements.lock").read_text()
    pinned = re.findall(r"^([a-z0-9._-]+)==", lock, re.MULTILINE)
    assert {"fastapi", "mcp", "uvicorn", "structlog"} <= set(pinned)
    assert lock.count("--hash=sha256:") >= len(pinned)


def test_the_marker_that_the_targets_ask_for_is_declared(root: Path) -> None:
    markers = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]["markers"]
    assert any(marker.startswith("full:") for marker in markers)
    assert '-m "not full"' in (root / "Makefile").read_text()
