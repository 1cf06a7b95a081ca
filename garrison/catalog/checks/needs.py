"""Needs: each names a service, none of them in a circle."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from garrison.catalog.validate import near
from garrison.problem import Problem

if TYPE_CHECKING:
    from garrison.catalog.catalog import Catalog

# 'egress' is an end in the name of a network; the other two mean the machine itself to a resolver.
_RESERVED = frozenset({"egress", "host", "localhost"})


def check_names(catalog: "Catalog") -> Iterator[Problem]:
    """A service is not called what something else is called already."""
    for name in sorted(_RESERVED & set(catalog.services)):
        yield Problem(
            where=catalog.sources[name].where("name"),
            id="catalog.reserved-name",
            what=f"the name {name!r} is taken by something that is not a service.",
            remedy="Choose another name for the service and its folder.",
        )


def check_needs(catalog: "Catalog") -> Iterator[Problem]:
    """Every need is a service of the catalog, and is said once."""
    for name, service in catalog.services.items():
        for index, need in enumerate(service.needs):
            where = catalog.sources[name].where("needs", index)
            if need not in catalog.services:
                others = [other for other in catalog.services if other != name]
                yield Problem(
                    where=where,
                    id="catalog.unknown-need",
                    what=f"there is no service {need!r}.",
                    remedy=near(need, others, f"The services are {', '.join(others)}."),
                )
            elif need in service.needs[:index]:
                yield Problem(
                    where=where,
                    id="catalog.need-twice",
                    what=f"{need!r} is listed already.",
                    remedy="Take one of the two out.",
                )


def check_cycles(catalog: "Catalog") -> Iterator[Problem]:
    """Somebody can be started first: the edges have no circle."""
    providers: dict[str, list[str]] = {name: [] for name in catalog.services}
    for edge in catalog.dependencies():
        if edge.provider in providers:
            providers[edge.consumer].append(edge.provider)
    circle = find_cycle(providers)
    if circle:
        consumer, provider = circle[0], circle[1]
        needs = catalog.services[consumer].needs
        at = ("needs", needs.index(provider)) if provider in needs else ("door",)
        yield Problem(
            where=catalog.sources[consumer].where(*at),
            id="catalog.cycle",
            what=f"the needs go round in a circle: {' -> '.join(circle)}.",
            remedy="Take one of these needs out; none of the services could start first.",
        )


def find_cycle(providers: Mapping[str, Sequence[str]]) -> tuple[str, ...] | None:
    """The first circle in the graph, from its alphabetically first member back to it, or None."""
    done: set[str] = set()
    for start in sorted(providers):
        found = _walk(start, (), providers, done)
        if found:
            first = found.index(min(found))
            return (*found[first:], *found[:first], found[first])
    return None


def _walk(
    name: str, trail: tuple[str, ...], providers: Mapping[str, Sequence[str]], done: set[str]
) -> tuple[str, ...] | None:
    if name in trail:
        return trail[trail.index(name) :]
    if name in done:
        return None
    done.add(name)
    found = (_walk(provider, (*trail, name), providers, done) for provider in sorted(providers[name]))
    return next((circle for circle in found if circle), None)
