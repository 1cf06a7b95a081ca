"""The repository is whole by itself: no link in it leads to a place of somebody's own machine."""

import subprocess
from pathlib import Path

import pytest


def leads_out(link: Path, root: Path) -> bool:
    """Whether a link points at something by an absolute path, or at something outside of ``root``."""
    target = link.readlink()
    return target.is_absolute() or not (link.parent / target).resolve().is_relative_to(root.resolve())


def test_no_link_leads_out_of_the_repository(root: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "-sz"], cwd=root, capture_output=True, check=True).stdout
    files = [one.split("\t", 1) for one in listed.decode().split("\0") if one]
    assert len(files) > 1000
    links = [name for mode, name in files if mode.startswith("120000")]
    assert [name for name in links if leads_out(root / name, root)] == []


@pytest.mark.parametrize(("target", "is_out"), [("/usr/bin", True), ("../beside", True), ("within", False)])
def test_a_link_that_leads_out_is_found(target: str, is_out: bool, tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    link = tmp_path / "tree" / "link"
    link.symlink_to(target)
    assert leads_out(link, tmp_path / "tree") == is_out
