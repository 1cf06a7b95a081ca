"""The tools behind ``/mcp``: who may see and call them, what their arguments must be, how they fail."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import structlog
from mcp.server.mcpserver.tools import Tool as SdkTool
from mcp_types import CallToolResult, TextContent, Tool, ToolAnnotations
from pydantic import ValidationError

from garrison_kit import clients, tracing
from garrison_kit.clients import Scope
from garrison_kit.problems import HttpProblemError, ProblemResponse, of_validation, render, render_unexpected

_log = structlog.get_logger("garrison_kit.mcp")


@dataclass(frozen=True, kw_only=True)
class _Tool:
    inner: SdkTool
    scope: Scope

    @property
    def described(self) -> Tool:
        inner = self.inner
        return Tool(
            name=inner.name,
            description=inner.description,
            input_schema={**inner.parameters, "additionalProperties": False},
            output_schema=inner.output_schema,
            annotations=ToolAnnotations(read_only_hint=self.scope == "read"),
        )

    def parse(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The function's arguments. Raises HttpProblemError (422) naming what doesn't fit."""
        known = self.inner.parameters.get("properties", {})
        unknown = [
            {"where": name[:64], "what": f"No such argument{_did_you_mean(name, known)}"}
            for name in given
            if name not in known
        ]
        if unknown:
            raise HttpProblemError(422, "The arguments do not fit this tool.", errors=unknown)
        try:
            return self.inner.fn_metadata.validate_arguments(dict(given))
        except ValidationError as error:
            problem = of_validation(error.errors(include_input=False, include_url=False))
            raise HttpProblemError(
                422, "The arguments do not fit this tool.", errors=problem.errors
            ) from error


class Toolbox:
    """The tools of one service by their names."""

    def __init__(self) -> None:
        self._tools: dict[str, _Tool] = {}

    def add(self, function: Callable[..., Awaitable[Any]], scope: Scope, name: str | None) -> None:
        """Add a tool. Raises TypeError for a name in use, and for one that a model would have to guess at."""
        inner = SdkTool.from_function(function, name=name)
        if inner.name in self._tools:
            raise TypeError(f"there are two tools {inner.name}")
        if not inner.is_async:
            raise TypeError(f"tool {inner.name}: make it an async function")
        if not inner.description.strip():
            raise TypeError(f"tool {inner.name}: give it a docstring, it is all that a model knows of it")
        for field, about in inner.fn_metadata.arg_model.model_fields.items():
            if not about.description:
                raise TypeError(f'tool {inner.name}: describe {field}: Annotated[…, Field(description="…")]')
        self._tools[inner.name] = _Tool(inner=inner, scope=scope)

    def list(self) -> list[Tool]:
        """The tools that the current client may call."""
        return [tool.described for tool in self._tools.values() if _may_use(tool)]

    async def call(self, name: str, arguments: Mapping[str, Any]) -> CallToolResult:
        """Call a tool for the current client; whatever goes wrong is a result that says so."""
        started = time.perf_counter()
        known = self._tools.get(name)
        with tracing.span(f"tool {name}" if known else "tool", **{"mcp.tool": name[:64]}) as span:
            result = await self._answer(name, arguments)
            if result.is_error:
                span.fail("tool_error")
            _log.info(
                "tool_called",
                tool=name[:64],
                is_error=bool(result.is_error),
                duration_ms=round((time.perf_counter() - started) * 1000, 2),
            )
        return result

    async def _answer(self, name: str, arguments: Mapping[str, Any]) -> CallToolResult:
        try:
            tool = self._find(name)
            result = await tool.inner.fn(**tool.parse(arguments))
            answer = tool.inner.fn_metadata.convert_result(result)
            if not isinstance(answer, CallToolResult):
                raise TypeError("a tool asks its caller back, which no client behind a key can answer")
        except HttpProblemError as problem:
            return _failure(render(problem))
        except Exception as error:  # noqa: BLE001 - a tool may fail in any way; none may show the inside
            return _failure(render_unexpected(error))
        return answer

    def _find(self, name: str) -> _Tool:
        tool = self._tools.get(name)
        if tool is None:
            allowed = {one.name: one for one in self.list()}
            raise HttpProblemError(404, f"There is no tool {name[:64]!r}{_did_you_mean(name, allowed)}")
        if not _may_use(tool):
            raise HttpProblemError(403, f"This key lacks the scope {tool.scope!r}, which {name} needs.")
        return tool


def _may_use(tool: _Tool) -> bool:
    client = clients.current()
    return client is not None and tool.scope in client.scopes


def _did_you_mean(name: str, known: Mapping[str, Any]) -> str:
    close = get_close_matches(name[:64], known, n=1)
    return f"; did you mean {close[0]!r}?" if close else "."


def _failure(problem: ProblemResponse) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=problem.body.decode())], is_error=True)
