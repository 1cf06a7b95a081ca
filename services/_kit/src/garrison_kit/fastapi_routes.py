"""FastAPI's routes as the gate needs them: known before a handler runs, those of included routers too."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import compile_path


@dataclass(frozen=True)
class Route:
    """One route: what its paths look like, its template, its methods (none: all), its handler."""

    pattern: re.Pattern[str]
    methods: frozenset[str]
    template: str
    endpoint: object

    @property
    def path_format(self) -> str:
        """The template as OpenAPI writes it, without converters."""
        return re.sub(r"\{(\w+):\w+\}", r"{\1}", self.template)


def list_routes(app: FastAPI) -> tuple[Route, ...]:
    """The routes of ``app`` in the order in which they are tried."""
    found = []
    for context in iter_route_contexts(app.routes):
        path = context.path
        if path is not None:
            methods = frozenset(context.methods or ())
            found.append(Route(compile_path(path)[0], methods, path, context.endpoint))
    return tuple(found)


def match_route(routes: Iterable[Route], method: str, path: str) -> Route | None:
    """The route of a request; one that has the path but not the method is better than none."""
    partial: Route | None = None
    for route in routes:
        if route.pattern.match(path):
            if not route.methods or method in route.methods:
                return route
            partial = partial or route
    return partial


def methods_at(routes: Iterable[Route], path: str) -> list[str]:
    """Every method that some route takes at that path."""
    return sorted({method for route in routes if route.pattern.match(path) for method in route.methods})
