"""Layers import downwards only: model, render and plan never touch a host."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

FORBIDDEN = {
    "pyinfra",
    "subprocess",
    "socket",
    "paramiko",
    "httpx",
    "requests",
    "urllib",
    "gevent",
    "asyncio",
}
HARMLESS = {"urllib.parse"}  # it takes an address apart and asks nobody
BELOW = {
    "catalog": {"catalog", "problem", "settings"},
    "dashboards": {"catalog", "dashboards"},
    "render": {"catalog", "dashboards", "problem", "settings", "render"},
    "report": {"controls", "evidence", "plan", "problem", "render", "report"},
    "docs": {"catalog", "controls", "docs"},
}
GARRISON = Path(__file__).parents[2] / "garrison"


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def modules(layer: str) -> list[Path]:
    return sorted((GARRISON / layer).rglob("*.py"))


@pytest.mark.parametrize("layer", ["catalog", "dashboards", "render", "plan", "report", "docs"])
def test_a_pure_layer_reaches_no_host(layer: str) -> None:
    reached = {
        f"{path.relative_to(GARRISON)}: {name}"
        for path in modules(layer)
        for name in imports(path)
        if name.split(".")[0] in FORBIDDEN and name not in HARMLESS
    }
    assert reached == set()


@pytest.mark.parametrize("layer", sorted(BELOW))
def test_a_layer_imports_only_what_lies_below_it(layer: str) -> None:
    above = {
        f"{path.relative_to(GARRISON)}: {name}"
        for path in modules(layer)
        for name in imports(path)
        if name.startswith("garrison.") and name.split(".")[1] not in BELOW[layer]
    }
    assert above == set()


def test_every_layer_has_modules() -> None:
    assert all(modules(layer) for layer in ("catalog", "dashboards", "render", "plan", "report", "docs"))
