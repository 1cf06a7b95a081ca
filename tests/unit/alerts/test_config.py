"""The configuration that Prometheus is given is one that it takes."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from garrison.catalog.catalog import Catalog
from garrison.catalog.images import plan_images
from garrison.render.release import render_release
from garrison.settings import HostSettings

Promtool = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def folder(whole: Catalog, settings: HostSettings, root: Path, tmp_path: Path) -> Path:
    """Where Prometheus' two files lie, as they are rendered but for the path of the rules."""
    chosen = whole.select(["core", "observability"])
    images = plan_images(chosen, settings, services=root / "services", lock={})
    for name, file in render_release(chosen, settings, images).config_trees["prometheus"].files.items():
        text = file.content.decode().replace("/etc/garrison/rules.yml", "rules.yml")
        (tmp_path / name).write_text(text)
    return tmp_path


def test_prometheus_takes_what_is_rendered(folder: Path, promtool: Promtool) -> None:
    done = promtool("check", "config", "--syntax-only", folder / "prometheus.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_it_does_not_take_would_be_noticed(folder: Path, promtool: Promtool) -> None:
    config = folder / "prometheus.yml"
    config.write_text(config.read_text().replace("sample_limit", "samples_limit"))
    done = promtool("check", "config", "--syntax-only", config)
    assert "field samples_limit not found" in done.stdout + done.stderr


def test_the_core_alone_has_no_prometheus(whole: Catalog) -> None:
    assert whole.select(["core"]).scraper is None
