"""Where the result of a check goes: to a person, to a program, into files."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import click
from rich.console import Console

from garrison.problem import Problem, ProblemError
from garrison.report.document import to_document
from garrison.report.result import Report

_WIDTH = 100  # where the output is no terminal
_PAGE = Path(__file__).parents[2] / "templates" / "report" / "check.html.j2"


def _junit(report: Report) -> str:
    from garrison.report.junit import to_junit  # each format is loaded only for who asks for it

    return to_junit(report)


def _sarif(report: Report) -> str:
    from garrison.report.sarif import to_sarif

    return _json(to_sarif(report))


def _oscal(report: Report) -> str:
    from garrison.report.oscal import to_oscal

    return _json(to_oscal(report))


def _html(report: Report) -> str:
    from garrison.report.page import to_page

    return to_page(report, _PAGE.read_text(encoding="utf-8"))


FORMATS: Mapping[str, Callable[[Report], str]] = {
    "junit": _junit,
    "sarif": _sarif,
    "oscal": _oscal,
    "html": _html,
    "save": lambda report: _json(to_document(report)),
}


def write_files(report: Report, paths: Mapping[str, Path]) -> None:
    """Write each format that a path is given for. Raises ProblemError for a file that can't be written."""
    for name, path in paths.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(FORMATS[name](report), encoding="utf-8")
        except OSError as error:
            problem = Problem(where=str(path), id="check.unwritable", what=f"it can't be written: {error.strerror}.",
                              remedy=f"Give another file with --{name}.")  # fmt: skip
            raise ProblemError([problem]) from error


def show(report: Report, *, as_json: bool, show_all: bool, only_failed: bool) -> None:
    """Print the result on standard output."""
    if as_json:
        click.echo(_json(to_document(report)), nl=False)
        return
    from garrison.report.table import draw_report

    console = Console(width=None if sys.stdout.isatty() else _WIDTH, highlight=False)
    console.print(draw_report(report, show_all=show_all, only_failed=only_failed))


def _json(document: object) -> str:
    return json.dumps(document, indent=2) + "\n"
