"""What the documentation names exists, and what exists is documented."""

import re
from pathlib import Path

import click
import pytest

from garrison.cli.commands import COMMANDS, garrison
from garrison.plan.phases import PHASES
from garrison.settings import HostSettings

_DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "docs/operating.md",
    "docs/checking.md",
    "docs/adding-a-service.md",
    "docs/alerts.md",
    "docs/observability.md",
    "docs/controls.md",
    "docs/services.md",
)
# What has an alias is read off the way to the host; nobody can set it.
_SETTINGS = [name for name, field in HostSettings.model_fields.items() if field.validation_alias is None]


@pytest.fixture(scope="module")
def operating(root: Path) -> str:
    return (root / "docs" / "operating.md").read_text()


@pytest.mark.parametrize("setting", _SETTINGS)
def test_every_setting_has_its_heading(setting: str, operating: str) -> None:
    assert f"### `{setting}`\n" in operating


def test_no_heading_names_a_setting_that_is_gone(operating: str) -> None:
    part = operating.split("## Settings")[1].split("\n## ")[0]
    assert set(re.findall(r"^### `(\w+)`$", part, re.M)) == set(_SETTINGS)


@pytest.mark.parametrize("phase", PHASES)
def test_every_phase_is_in_the_table(phase: str, operating: str) -> None:
    assert f"| {phase} | {PHASES[phase]} |" in operating


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_heading(command: str, operating: str) -> None:
    assert f"### `garrison {command}`\n" in operating


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "lab"])
def test_every_option_is_named_where_its_command_is_explained(command: str, operating: str) -> None:
    part = operating.split(f"### `garrison {command}`\n")[1].split("\n### ")[0].split("\n## ")[0]
    found = garrison.get_command(click.Context(garrison), command)
    assert found is not None
    commands = found.commands.values() if isinstance(found, click.Group) else [found]
    options = {opt for one in commands for p in one.params if isinstance(p, click.Option) for opt in p.opts}
    assert {option for option in options if option not in part} == set()


@pytest.mark.parametrize("document", _DOCUMENTS)
def test_every_link_leads_somewhere(document: str, root: Path) -> None:
    page = root / document
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text())
    missing = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert missing == []


def test_the_example_in_the_docs_is_the_file_that_is_tested(root: Path, fixtures: Path) -> None:
    page = (root / "docs" / "adding-a-service.md").read_text()
    example = (fixtures / "example_service" / "hello" / "service.yaml").read_text()
    assert f"```yaml\n{example}```" in page


@pytest.mark.parametrize("name", ["up", "check", "test", "lint", "down", "shell", "help"])
def test_the_makefile_has_what_the_readme_promises(name: str, root: Path) -> None:
    assert (
        f"`make {name}`" in (root / "README.md").read_text()
        or f"make {name} " in (root / "README.md").read_text()
    )
    assert re.search(rf"^{name}:", (root / "Makefile").read_text(), re.M)


def test_every_decision_record_says_status_context_decision_and_consequences(root: Path) -> None:
    for record in (root / "docs" / "decisions").glob("*.md"):
        headings = re.findall(r"^## (\w+)", record.read_text(), re.M)
        assert headings == ["Context", "Decision", "Consequences"], record.name
