"""What a standard's own tool reports of our hosts though our control holds: its rules, and who is wrong."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from garrison.controls.model import ControlId, Sentence

Rule = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_-]+$")]


def _some(rules: dict[str, str]) -> dict[str, str]:
    if not rules:
        raise ValueError("name at least one rule")
    return rules


class StandardsFinding(BaseModel):
    """Rules of ``tool`` that fail for one reason, each with the control that says truthfully what holds.

    ``kind`` is who is wrong. ``blind``: the tool reads one file of several, and passes once it is shown what
    really holds. ``mistaken``: it asks for what Debian calls otherwise, or contradicts itself or its standard.
    ``container``: nobody; a container host can't hold it, a machine with its own kernel does. ``machine``: nobody
    either; it fails on the full machine of the lab alone.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    tool: Literal["OpenSCAP"]
    kind: Literal["blind", "mistaken", "container", "machine"]
    why: Sentence
    rules: Annotated[dict[Rule, ControlId], AfterValidator(_some)]
