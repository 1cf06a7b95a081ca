"""A YAML file together with the line that each of its values stands on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from garrison.problem import Problem, ProblemError

Location = tuple[str | int, ...]
_MANUAL = "docs/adding-a-service.md shows a whole file."
_Loader = type[yaml.SafeLoader] | type[yaml.CSafeLoader]
# libyaml is many times as fast, which hundreds of small files need; not every build of PyYAML has it.
_FAST: _Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def shown(path: Path) -> str:
    """``path`` as a message shows it: relative to the working directory where it lies below that."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


@dataclass(frozen=True, kw_only=True)
class Source:
    """The parsed mapping of one file, and where in the file each part of it begins."""

    path: Path
    data: Mapping[str, Any]
    lines: Mapping[Location, int] = field(repr=False)

    def line(self, location: Location) -> int:
        """The line of ``location``, or of the nearest thing around it that the file has."""
        while location and location not in self.lines:
            location = location[:-1]
        return self.lines.get(location, 1)

    def where(self, *location: str | int) -> str:
        """``services/aidb/service.yaml:12 listen.http``, as every message about this file begins."""
        dotted = ".".join(str(part) for part in location)
        return f"{shown(self.path)}:{self.line(location)} {dotted}".rstrip()


def read_source(path: Path, manual: str = _MANUAL) -> Source:
    """The one YAML mapping in ``path``; ``manual`` says where such a file is explained.

    Raises ProblemError when the file is not UTF-8, not YAML, not one mapping, or says a key twice.
    """
    try:
        node, data = _parse(path.read_text(encoding="utf-8"))
        places = [] if node is None else list(_places(node, ()))
    except UnicodeDecodeError as error:
        raise _unreadable(path, 1, f"byte {error.start} is not UTF-8", manual) from None
    except RecursionError:
        raise _unreadable(path, 1, "an anchor contains itself, or the nesting is too deep", manual) from None
    except (yaml.YAMLError, ValueError) as error:
        raise _unreadable(path, _line_of(error), _said(error), manual) from None
    if not isinstance(data, dict):
        raise _unreadable(path, 1, "the file does not hold a mapping of keys to values", manual)
    source = Source(path=path, data=data, lines=dict(places))
    twice = [_twice(source, *repeated) for repeated in _repeated(places)]
    if twice:
        raise ProblemError(twice)
    return source


def _parse(text: str) -> tuple[yaml.Node | None, Any]:
    try:
        return _parse_with(_FAST, text)
    except (yaml.YAMLError, ValueError):
        return _parse_with(yaml.SafeLoader, text)  # says the same everywhere, and more clearly


def _parse_with(loader_class: _Loader, text: str) -> tuple[yaml.Node | None, Any]:
    loader = loader_class(text)
    node = loader.get_single_node()
    return node, None if node is None else loader.construct_document(node)


def _places(node: yaml.Node, location: Location) -> Iterator[tuple[Location, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inside = (*location, str(key.value))
            yield inside, key.start_mark.line + 1
            yield from _places(value, inside)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*location, index), value.start_mark.line + 1
            yield from _places(value, (*location, index))


def _repeated(places: list[tuple[Location, int]]) -> Iterator[tuple[Location, int, int]]:
    first: dict[Location, int] = {}
    repeated: set[Location] = set()
    for location, line in places:
        inside_another = any(location[:depth] in repeated for depth in range(1, len(location)))
        if location in first and not inside_another:
            repeated.add(location)
            yield location, line, first[location]
        first.setdefault(location, line)


def _line_of(error: Exception) -> int:
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else 1


def _said(error: Exception) -> str:
    said = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    context = getattr(error, "context", None)
    begun = getattr(error, "context_mark", None)
    return f"{context} from line {begun.line + 1}, {said}" if context and begun else str(said)


def _unreadable(path: Path, line: int, what: str, manual: str) -> ProblemError:
    problem = Problem(
        where=f"{shown(path)}:{line}",
        id="catalog.yaml",
        what=f"{what}.",
        remedy=f"Mend the YAML; {manual}",
    )
    return ProblemError([problem])


def _twice(source: Source, location: Location, line: int, first: int) -> Problem:
    dotted = ".".join(str(part) for part in location)
    return Problem(
        where=f"{shown(source.path)}:{line} {dotted}",
        id="catalog.duplicate-key",
        what=f"the key is already on line {first}.",
        remedy="Keep one of the two.",
    )
