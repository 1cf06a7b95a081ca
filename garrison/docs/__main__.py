"""Writes every generated page (services with their picture, alerts, controls): ``python -m garrison.docs``."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from garrison.catalog.loader import load_catalog
from garrison.controls.deviations import load_deviations
from garrison.controls.load import load_controls
from garrison.docs import alerts as alerts_page
from garrison.docs import controls as controls_page
from garrison.docs.picture.svg import draw
from garrison.docs.services import PAGE, PICTURE, render_services

ROOT = Path(__file__).parents[2]


def render(root: Path = ROOT) -> Mapping[PurePosixPath, str]:
    """Every generated page by its path from the top of the repository."""
    catalog = load_catalog([root / "services"])
    controls = load_controls(root / "controls")
    deviations = load_deviations(controls.by_id, root / "controls" / "deviations.yaml")
    return {
        PAGE: render_services(catalog),
        PICTURE: draw(catalog),
        alerts_page.PAGE: alerts_page.render_alerts(catalog),
        controls_page.PAGE: controls_page.render_controls(controls, deviations),
    }


def main(root: Path = ROOT) -> None:
    """Write them all."""
    for path, text in render(root).items():
        (root / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
