"""What a service's own ``tests/contract.yaml`` says beyond its catalog entry and its OpenAPI document."""

from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

Reason = Annotated[str, Field(min_length=20)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Storing(_Record):
    """How clients store something, and find it again by the ``id`` of the answer, or by what stands for it.

    NUMBER is another one each time, in operations as in the body; ID is what the answer has under ``id``.
    """

    write: str
    body: dict[str, Any]
    found: str
    id: str = "id"
    remove: str | None = None
    is_one_document: bool = False
    """The same body again is the same thing: created once (201), however many send it at once (200)."""


class Without(_Record):
    """A need that may be absent: calls are answered with this status all the same."""

    status: int
    because: Reason


class Need(_Record):
    """What to ask while a need is gone. Without ``ask``: every operation, and one at least must say that it can't.

    NUMBER in the body is another one each time, so that no answer can have been kept.
    """

    ask: str | None = None
    body: dict[str, Any] | None = None
    without: Without | None = None


class Spared(_Record):
    """Checks of schemathesis that one operation (``*``: each) is spared, and why."""

    operation: str
    checks: tuple[str, ...]
    reason: Reason


class Said(_Record):
    """The whole file."""

    store: Storing | None = None
    needs: dict[str, Need] = {}
    spared: tuple[Spared, ...] = ()
    slow: dict[str, Reason] = {}
    """Operations that schemathesis tries a few times only, and why."""


def read_said(folder: Path) -> Said:
    """What the file in a service's folder says; nothing where there is none."""
    path = folder / "tests" / "contract.yaml"
    return Said.model_validate(yaml.safe_load(path.read_text())) if path.exists() else Said()
