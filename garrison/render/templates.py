"""Fills templates in; a template that goes wrong is a problem with its file and line."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError

from garrison.catalog.source import shown
from garrison.problem import Problem, ProblemError

ENDING = ".j2"


def render_template(path: Path, context: Mapping[str, object]) -> bytes:
    """The text that ``path`` makes of ``context``. Its own folder is where it includes from.

    Raises ProblemError for anything wrong in the template, a name that nobody defines among it.
    """
    try:
        return _environment(path.parent).get_template(path.name).render(context).encode()
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise ProblemError([_problem(path, error)]) from error


@cache
def _environment(folder: Path) -> Environment:
    """It compiles each template once, for all hosts of a run, and again when the file has changed."""
    return Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - configuration files, not HTML
    )


def _problem(path: Path, error: Exception) -> Problem:
    return Problem(
        where=f"{shown(path)}:{_line(path, error)}",
        id="render.template",
        what=f"the template fails: {error}.",
        remedy="Mend the line; docs/adding-a-service.md lists what a template may use.",
    )


def _line(path: Path, error: Exception) -> int:
    if isinstance(error, TemplateSyntaxError):
        return error.lineno
    lines = []
    frame = error.__traceback__
    while frame:
        if Path(frame.tb_frame.f_code.co_filename) == path:
            lines.append(frame.tb_lineno)
        frame = frame.tb_next
    return lines[-1] if lines else 1
