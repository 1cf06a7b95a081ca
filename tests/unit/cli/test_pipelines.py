"""What docs/checking.md tells a pipeline to do is YAML, and its commands exist."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from garrison.cli.check import check


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "checking.md").read_text()


def pipelines(page: str) -> list[Any]:
    part = page.split("\n## In a pipeline\n")[1].split("\n## ")[0]
    return [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", part, re.S)]


def test_there_is_one_for_github_and_one_for_gitlab(page: str) -> None:
    github, gitlab = pipelines(page)
    assert github["jobs"]["check"]["steps"]
    assert gitlab["controls"]["artifacts"]["reports"]["junit"] == "junit.xml"


def test_every_garrison_line_of_the_page_can_be_parsed(page: str) -> None:
    lines = re.findall(r"garrison check inventory/\S+ --.*", page)
    assert len(lines) >= 4
    for line in lines:
        words = shlex.split(line.split("#")[0])[2:]
        check.make_context("check", words)


def test_the_make_targets_of_the_page_exist(page: str, root: Path) -> None:
    makefile = (root / "Makefile").read_text()
    assert {"make tools .venv/bin/.done"} == set(re.findall(r"make tools \S+", page))
    assert re.search(r"^tools:", makefile, re.M)
    assert re.search(r"^\$\(BIN\)/\.done:", makefile, re.M)
