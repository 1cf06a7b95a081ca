"""A link in the repository leads to something else in it: no way of the machine that it was written on."""

import subprocess
from pathlib import Path

LINK = "120000"


def links(root: Path) -> dict[str, str]:
    """Where each link leads, as it is committed or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "-sz"], cwd=root, capture_output=True, check=True, text=True
    ).stdout
    entries = [one.split("\t", 1) for one in listed.split("\0") if one]
    objects = {name: said.split()[1] for said, name in entries if said.startswith(LINK)}
    return {
        name: subprocess.run(
            ["git", "cat-file", "blob", one], cwd=root, capture_output=True, check=True, text=True
        ).stdout
        for name, one in objects.items()
    }


def test_no_link_leads_out_of_the_repository(root: Path) -> None:
    found = {
        name: goal
        for name, goal in links(root).items()
        if not (root / name).parent.joinpath(goal).resolve().is_relative_to(root.resolve())
    }
    assert found == {}
