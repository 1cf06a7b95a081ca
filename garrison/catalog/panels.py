"""What a service's own page shows: what ``dashboard.yaml`` can say, judged before a deploy."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import promql_parser
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from garrison.catalog.source import Source, read_source
from garrison.catalog.validate import validate

if TYPE_CHECKING:
    from garrison.catalog.catalog import Catalog

Entry = TypeVar("Entry")

FILE = "dashboard.yaml"
MANUAL = "docs/observability.md shows a whole file."
# What Grafana fills in, with a value that it could have: four scrapes, and a range as people choose it.
VARIABLES: Mapping[str, str] = {"$__rate_interval": "1m", "$__interval": "15s", "$__range": "6h"}

# Grafana's own names, so that nobody has to look one up twice.
Unit = Literal["short", "percentunit", "s", "bytes", "Bps", "reqps", "ops", "dateTimeFromNow", "bool_yes_no"]
Shape = Literal["lines", "number", "states", "list"]


def filled_in(question: str) -> str:
    """``question`` as Prometheus is asked it, with what Grafana would fill in."""
    for name, value in VARIABLES.items():
        question = question.replace(name, value)
    return question


def _question(text: str) -> str:
    try:
        promql_parser.parse(filled_in(text))
    except ValueError as error:
        raise ValueError(f"this is not PromQL: {error}") from None
    return text


def _some(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    # min_length would also count what is faulty as missing.
    if not entries:
        raise ValueError("there is nothing in it; add an entry, or take the file out")
    return entries


Question = Annotated[str, AfterValidator(_question)]
Text = Annotated[str, StringConstraints(min_length=3, max_length=300)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Query(_Record):
    """A question to Prometheus; ``legend`` names each series, with its labels as ``{{name}}``.

    ``exemplars`` shows single requests as points beside the lines, each with a way to its trace.
    """

    expr: Question
    legend: Annotated[str, StringConstraints(max_length=100)] = ""
    exemplars: bool = False


class Panel(_Record):
    """One picture: lines over time, a number, states over time, or a list of what is now.

    ``alarm`` is the value from which it is shown as bad, ``empty`` what is said where nothing answers.
    """

    title: Annotated[str, StringConstraints(min_length=2, max_length=60)]
    description: Text
    shape: Shape = "lines"
    unit: Unit = "short"
    queries: Annotated[tuple[Query, ...], AfterValidator(_some)]
    alarm: float | None = None
    empty: Annotated[str, StringConstraints(max_length=60)] | None = None
    width: Annotated[int, Field(ge=3, le=24)] | None = None

    @field_validator("queries")
    @classmethod
    def _has_a_place_for_exemplars(
        cls, queries: tuple[Query, ...], info: ValidationInfo
    ) -> tuple[Query, ...]:
        shape = info.data.get("shape", "lines")
        if shape != "lines" and any(query.exemplars for query in queries):
            raise ValueError(f"exemplars lie beside lines, and this is '{shape}'; take 'exemplars' out")
        return queries


class PanelFile(_Record):
    """A whole ``dashboard.yaml``; ``process: false`` where its metrics say nothing of its own process."""

    process: bool = True
    panels: Annotated[tuple[Panel, ...], AfterValidator(_some)]


@dataclass(frozen=True, kw_only=True)
class Panels:
    """The panels of one service, and where in its file each thing stands."""

    service: str
    file: PanelFile
    source: Source


def panels_path(folder: Path) -> Path | None:
    """The file in a service's folder, if there is one."""
    path = folder / FILE
    return path if path.is_file() else None


def read_panels(service: str, path: Path) -> Panels:
    """The panels in one file. Raises ProblemError, with file and line, for all that doesn't fit."""
    source = read_source(path, MANUAL)
    return Panels(service=service, file=validate(PanelFile, source, MANUAL), source=source)


def load_panels(catalog: "Catalog") -> Mapping[str, PanelFile]:
    """What every service with such a file says there, by name. Raises ProblemError likewise."""
    found = {name: panels_path(catalog.folder(name)) for name in catalog.services}
    return {name: read_panels(name, path).file for name, path in found.items() if path}
