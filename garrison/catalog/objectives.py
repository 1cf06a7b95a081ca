"""How many requests out of a hundred are to be answered without an error of ours, over 30 days."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from garrison.catalog.model import Name

# More than 99.99 leaves four minutes a month: a burn rate says nothing of so little.
Percent = Annotated[float, Field(ge=50, le=99.99)]


class Objectives(BaseModel):
    """``services`` has those that differ from ``default``; what holds for a service holds for its route at the door.

    That of the door holds for all routes together.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    default: Percent = 99.5
    services: dict[Name, Percent] = {}

    def of(self, name: str) -> float:
        """The share that is wanted of service ``name``, as a number below 1."""
        return round(self.services.get(name, self.default) / 100, 6)
