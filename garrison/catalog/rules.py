"""The rules of a service, in Prometheus' own form: what ``rules/*.yaml`` can say, judged before a deploy."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import promql_parser
from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag

from garrison.catalog.source import Source, read_source
from garrison.catalog.validate import validate

if TYPE_CHECKING:
    from garrison.catalog.catalog import Catalog

Entry = TypeVar("Entry")

FOLDER = "rules"
TESTS = ".test.yaml"
MANUAL = "docs/observability.md shows a whole file."

# What an annotation may fill in: a label, or the value by itself or made readable.
_FILLED_IN = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_KNOWN = re.compile(r"^ (\$labels\.[a-z_]+|\$value( \| humanize(Percentage|Duration|Timestamp|1024)?)?) $")


def _expression(text: str) -> str:
    try:
        promql_parser.parse(text)
    except ValueError as error:
        raise ValueError(f"this is not PromQL: {error}") from None
    return text


def _annotation(text: str) -> str:
    for filled in _FILLED_IN.findall(text):
        if not _KNOWN.match(filled):
            raise ValueError(
                f"'{{{{{filled}}}}}' is not what an annotation may fill in; "
                "write {{ $labels.NAME }}, {{ $value }} or {{ $value | humanize }}"
            )
    if _FILLED_IN.sub("", text).count("{{") + _FILLED_IN.sub("", text).count("}}"):
        raise ValueError("'{{' and '}}' don't pair up; close what is open")
    return text


def _some(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    # min_length would also count what is faulty as missing.
    if not entries:
        raise ValueError("there is nothing in it; add an entry, or take the file out")
    return entries


Expression = Annotated[str, AfterValidator(_expression)]
Text = Annotated[str, StringConstraints(min_length=10, max_length=500), AfterValidator(_annotation)]
Span = Annotated[str, StringConstraints(pattern=r"^([0-9]+(ms|[smhdwy]))+$")]
Label = Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_]*$")]
# The runbook's file is named for it: AidbCacheLost is docs/runbooks/AidbCacheLost.md.
AlertName = Annotated[str, StringConstraints(pattern=r"^([A-Z][a-z0-9]+)+$", max_length=60)]
RecordName = Annotated[str, StringConstraints(pattern=r"^[a-z_]+(:[a-z0-9_]+)+$", max_length=100)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AlertLabels(_Record):
    """``page`` wakes somebody, ``ticket`` waits for the morning, of ``heartbeat`` the silence says something."""

    severity: Literal["page", "ticket", "heartbeat"]


class Annotations(_Record):
    """What is wrong, in a line, and what it means for whoever uses the stack."""

    summary: Text
    description: Text


class Alert(_Record):
    """A rule that fires."""

    alert: AlertName
    expr: Expression
    for_: Annotated[Span, Field(alias="for")] = "0s"
    keep_firing_for: Span | None = None
    labels: AlertLabels
    annotations: Annotations


class Recording(_Record):
    """A rule that keeps the answer to an expression as a series of its own."""

    record: RecordName
    expr: Expression
    labels: dict[Label, str] = {}


def _kind_of_rule(value: object) -> str:
    records = isinstance(value, Recording) or (isinstance(value, dict) and "record" in value)
    return "<record>" if records else "<alert>"


# A named union: otherwise one slip is reported once for each kind of rule.
Rule = Annotated[
    Annotated[Alert, Tag("<alert>")] | Annotated[Recording, Tag("<record>")],
    Discriminator(_kind_of_rule),
]


class Group(_Record):
    """Rules that are judged together, in their order."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
    interval: Span | None = None
    rules: Annotated[tuple[Rule, ...], AfterValidator(_some)]


class RuleFile(_Record):
    """One file of rules, as promtool reads it too."""

    groups: Annotated[tuple[Group, ...], AfterValidator(_some)]


@dataclass(frozen=True, kw_only=True)
class Rules:
    """One file of a service's rules, and where in it each thing stands."""

    service: str
    file: RuleFile
    source: Source


def rule_paths(folder: Path) -> tuple[Path, ...]:
    """The files of rules in a service's folder; those beside them that end in ``.test.yaml`` are promtool's tests."""
    found = sorted((folder / FOLDER).glob("*.yaml"))
    return tuple(path for path in found if not path.name.endswith(TESTS))


def read_rules(service: str, path: Path) -> Rules:
    """The rules in one file. Raises ProblemError, with file and line, for all that doesn't fit."""
    source = read_source(path, MANUAL)
    return Rules(service=service, file=validate(RuleFile, source, MANUAL), source=source)


def load_rules(catalog: "Catalog") -> tuple[Rules, ...]:
    """The rules of every service in ``catalog``, by service and file. Raises ProblemError likewise."""
    return tuple(
        read_rules(name, path) for name in catalog.services for path in rule_paths(catalog.folder(name))
    )


def alerts_of(rules: Rules) -> Iterator[Alert]:
    """The alerts among them, in their order."""
    for group in rules.file.groups:
        yield from (rule for rule in group.rules if isinstance(rule, Alert))


@cache
def normalise(expression: str) -> str:
    """The expression as every other is written that says the same: Prometheus orders matchers, and writes 300s as 5m.

    One that our parser doesn't know, as of a newer Prometheus, stays as it is.
    """
    try:
        return str(promql_parser.parse(expression).prettify())
    except ValueError:
        return expression


def metrics_in(expression: str) -> frozenset[str]:
    """The names of the metrics that an expression asks for."""
    found: set[str] = set()

    def note(node: Any) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            found.update([node.name] if node.name else [])
            found.update(one.value for one in node.matchers.matchers if one.name == "__name__")

    promql_parser.walk(promql_parser.parse(expression), pre_visit=note)
    return frozenset(found)
