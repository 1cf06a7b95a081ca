"""The operator's list of documentation packs is judged here before a host is, and as nixos-docs judges it."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from garrison.catalog.packs import PackList, load_packs
from garrison.problem import ProblemError

GOOD: dict[str, Any] = {
    "name": "nix-manual",
    "title": "The manual",
    "kind": "archive",
    "format": "pages",
    "url": "https://docs.example/manual.tar.gz",
    "sha256": "0" * 64,
}


@pytest.fixture(scope="module")
def of_the_service(root: Path) -> ModuleType:
    path = root / "services" / "nixos-docs" / "src" / "nixos_docs" / "packs.py"
    spec = importlib.util.spec_from_file_location("packs_of_the_service", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def example(root: Path) -> Path:
    return root / "inventory" / "packs.example.yaml"


def write(folder: Path, *packs: dict[str, Any]) -> Path:
    path = folder / "packs.yaml"
    path.write_text(yaml.safe_dump({"packs": list(packs)}, sort_keys=False))
    return path


def test_what_the_engine_lets_pass_is_what_the_service_reads(
    example: Path, of_the_service: ModuleType, tmp_path: Path
) -> None:
    rendered = tmp_path / "packs.json"
    rendered.write_text(json.dumps({"packs": load_packs(example)}))
    read = of_the_service.load_packs(rendered)
    ours = PackList.model_validate(yaml.safe_load(example.read_text())).packs
    assert [pack.model_dump() for pack in read] == [pack.model_dump() for pack in ours]


def test_both_describe_the_same_shape(of_the_service: ModuleType) -> None:
    assert _shape(PackList.model_json_schema()) == _shape(of_the_service.PackList.model_json_schema())


def _shape(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {key: _shape(value) for key, value in schema.items() if key not in ("description", "title")}
    return [_shape(value) for value in schema] if isinstance(schema, list) else schema


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "a misspelt key": (
        {"shaa256": "0" * 64},
        "packs.yaml:8 packs.0.shaa256: there is no key 'shaa256' here.",
    ),
    "a short digest": ({"sha256": "abc"}, "packs.yaml:7 packs.0.sha256: this should match"),
    "no pin": ({"sha256": None}, "packs.yaml:2 packs.0: kind 'archive' is pinned by 'sha256'"),
    "a commit for an archive": ({"commit": "0" * 40}, "is pinned by 'sha256', and by that alone."),
    "a branch for a commit": (
        {"kind": "git", "commit": "main"},
        "packs.yaml:8 packs.0.commit: this should match",
    ),
    "plain http": ({"url": "http://docs.example/a"}, "plain http and 'insecure' belong together."),
    "a user in the URL": ({"url": "https://me:secret@docs.example/a"}, "packs.0.url: this should match"),
    "a file": ({"url": "file:///etc/passwd"}, "packs.0.url: this should match"),
    "a name with a slash": ({"name": "../x"}, "packs.0.name: this should match"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_with_file_line_and_remedy(fault: str, tmp_path: Path) -> None:
    change, said = FAULTS[fault]
    with pytest.raises(ProblemError) as caught:
        load_packs(write(tmp_path, {**GOOD, **change}))
    assert said in str(caught.value)
    assert all(problem.remedy for problem in caught.value.problems)


def test_what_the_engine_refuses_the_service_refuses_too(of_the_service: ModuleType, tmp_path: Path) -> None:
    for change, _ in FAULTS.values():
        path = tmp_path / "packs.json"
        path.write_text(json.dumps({"packs": [{**GOOD, **change}]}))
        with pytest.raises(of_the_service.PacksError):
            of_the_service.load_packs(path)


def test_a_name_is_there_once(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="the name 'nix-manual' is there twice"):
        load_packs(write(tmp_path, GOOD, GOOD))


def test_without_a_file_there_is_no_pack() -> None:
    assert load_packs(None) == []


def test_the_remedy_does_not_send_the_reader_to_the_page_about_services(tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        load_packs(write(tmp_path, {"name": "x"}))
    assert {one.id for one in caught.value.problems} == {"packs.missing"}
    assert "adding-a-service" not in str(caught.value)
