"""Writes docs/services.md and its picture: ``python -m garrison.docs``, or ``make docs``."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from garrison.catalog.catalog import Catalog
from garrison.catalog.loader import load_catalog
from garrison.docs.picture.svg import draw
from garrison.docs.services import PAGE, PICTURE, render_services

ROOT = Path(__file__).parents[2]


def render(catalog: Catalog) -> Mapping[PurePosixPath, str]:
    """Every generated page by its path from the top of the repository."""
    return {PAGE: render_services(catalog), PICTURE: draw(catalog)}


def main(root: Path = ROOT) -> None:
    """Write them all."""
    for path, text in render(load_catalog([root / "services"])).items():
        (root / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
