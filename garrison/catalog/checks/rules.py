"""Rules: each file can be read, and no two things in them have one name."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from garrison.catalog.rules import Alert, Rules, read_rules, rule_paths
from garrison.catalog.source import Location
from garrison.problem import Problem, ProblemError

if TYPE_CHECKING:
    from garrison.catalog.catalog import Catalog


def check_rules(catalog: "Catalog") -> Iterator[Problem]:
    """What is wrong in a file of rules, and every alert, recorded series and group whose name another one has."""
    first: dict[str, str] = {}
    for name in catalog.services:
        for path in rule_paths(catalog.folder(name)):
            try:
                rules = read_rules(name, path)
            except ProblemError as error:
                yield from error.problems
                continue
            for what, location in _named(rules):
                where = rules.source.where(*location)
                if what in first:
                    yield Problem(
                        where=where,
                        id="catalog.rule-twice",
                        what=f"{what} is already in {first[what]}.",
                        remedy="Give one of the two another name.",
                    )
                first.setdefault(what, where)


def _named(rules: Rules) -> Iterator[tuple[str, Location]]:
    for index, group in enumerate(rules.file.groups):
        yield f"a group {group.name!r} of {rules.service}", ("groups", index, "name")
        for number, rule in enumerate(group.rules):
            at = ("groups", index, "rules", number)
            if isinstance(rule, Alert):
                yield f"an alert {rule.alert!r}", (*at, "alert")
            elif not rule.labels:  # one series may be recorded several times, with labels that differ
                yield f"a series {rule.record!r}", (*at, "record")
