"""The base image that all images of ours begin with: what goes into it."""

import json
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from garrison.catalog.images import base_reference


class Recipe(BaseModel):
    """``services/base/recipe.yaml``: what mmdebstrap is told on the host."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    suite: str
    variant: str
    components: tuple[str, ...] = ("main",)
    include: tuple[str, ...] = ()
    apt: tuple[str, ...] = ()
    dpkg: tuple[str, ...] = ()


class BaseImage(BaseModel):
    """A recipe and the reference that follows from its content."""

    model_config = ConfigDict(frozen=True)

    reference: str
    recipe: Recipe

    @property
    def argument(self) -> str:
        """The recipe for the host's program, as one JSON word."""
        return json.dumps(self.recipe.model_dump(mode="json"), sort_keys=True)


def load_base(recipe: Path) -> BaseImage:
    """Reads the recipe; raises ProblemError when there is none."""
    reference = base_reference(recipe)
    return BaseImage(reference=reference, recipe=Recipe(**yaml.safe_load(recipe.read_text(encoding="utf-8"))))
