"""The result for a person: family by family, what passed in a line, what failed with its remedy and its standards."""

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from garrison.controls.result import State
from garrison.problem import Problem
from garrison.report.result import Report, Result, count, count_line

STYLES = {
    State.PASSED: "green",
    State.FAILED: "bold red",
    State.WAIVED: "yellow",
    State.DEVIATES: "cyan",
    State.NOT_APPLICABLE: "dim",
}
_INDENT = 7
_FINDINGS = 10
_SECTIONS = 3  # of each standard; the other reports have them all


def draw_report(report: Report, *, show_all: bool = False, only_failed: bool = False) -> RenderableType:
    """Every control with its state. ``show_all`` gives each passed one a line, ``only_failed`` leaves the rest out."""
    parts: list[RenderableType] = []
    for place in report.places:
        parts += _host(report, place, show_all=show_all, only_failed=only_failed)
    if len(report.hosts) > 1:
        parts.append(_hosts(report))
    return Group(*parts, *_summary(report))


def _host(report: Report, host: str, *, show_all: bool, only_failed: bool) -> Iterator[RenderableType]:
    results = report.of(host)
    if problems := report.unanswered.get(host):
        yield Text(f"{host}: couldn't be looked at", style="bold red")
        yield from (_indented(str(problem)) for problem in problems)
        yield Text()
        return
    number = f"{len(results)} {'control' if len(results) == 1 else 'controls'}"
    title = f"{host}: {number}, level {report.levels[host]}" if host in report.levels else "waivers"
    yield Text(title, style="bold")
    yield Text()
    for family in dict.fromkeys(one.family for one in results):
        of_family = tuple(one for one in results if one.family == family)
        lines = list(_family(report, of_family, show_all=show_all, only_failed=only_failed))
        if lines:
            yield Text.assemble((family, "bold"), (f"  {count_line(of_family)}", "dim"))
            yield from lines
            yield Text()


def _family(
    report: Report, results: tuple[Result, ...], *, show_all: bool, only_failed: bool
) -> Iterator[RenderableType]:
    by_state = {state: [one for one in results if one.state is state] for state in State}
    for failed in by_state[State.FAILED]:
        yield from _failed(failed, known=report.is_known(failed))
    if only_failed:
        return
    for waived in by_state[State.WAIVED]:
        yield from _owned(waived)
    for deviating in by_state[State.DEVIATES]:
        yield from _owned(deviating) if show_all else [_headline(deviating, str(deviating.state))]
    if show_all:
        yield from (_headline(one, str(one.state)) for one in by_state[State.PASSED])
        for absent in by_state[State.NOT_APPLICABLE]:
            yield from _owned(absent)
        return
    if by_state[State.PASSED]:
        yield _ids(State.PASSED, "passed", by_state[State.PASSED])
    reasons = dict.fromkeys(one.note for one in by_state[State.NOT_APPLICABLE])
    for reason in reasons:
        same = [one for one in by_state[State.NOT_APPLICABLE] if one.note == reason]
        yield _ids(State.NOT_APPLICABLE, "not applicable", same, reason)


def _failed(result: Result, *, known: bool) -> Iterator[RenderableType]:
    yield _headline(result, f"failed, {result.severity}{', known' if known else ''}")
    yield from _findings(result)
    if result.standards:
        yield _indented(f"Asked for by {result.cite(_SECTIONS)}.", style="dim")


def _owned(result: Result) -> Iterator[RenderableType]:
    """What isn't a failure, but isn't passed either: with the reason."""
    yield _headline(result, str(result.state))
    if result.note:
        yield _indented(result.note, style=STYLES[result.state])
    yield from _findings(result)


def _findings(result: Result) -> Iterator[RenderableType]:
    waivers: dict[str, list[Problem]] = {}
    remedies: dict[str, list[Problem]] = {}
    for found in result.findings:
        group = waivers.setdefault(found.waiver, []) if found.waiver else None
        (remedies.setdefault(found.problem.remedy, []) if group is None else group).append(found.problem)
    for remedy, problems in remedies.items():
        yield from (_indented(f"{problem.where}: {problem.what}") for problem in problems[:_FINDINGS])
        if len(problems) > _FINDINGS:
            yield _indented(f"and {len(problems) - _FINDINGS} more; --json has them all.", style="dim")
        if remedy:
            yield _indented(f"→ {remedy}", style="bold")
    for waiver, problems in waivers.items():
        yield from (_indented(f"{problem.where}: {problem.what}") for problem in problems)
        yield _indented(f"Waived {waiver}", style=STYLES[State.WAIVED])


def _headline(result: Result, state: str) -> RenderableType:
    row = Text.assemble(
        (f"{result.control:<4}", STYLES[result.state]), f" {result.title}  ", (state, STYLES[result.state])
    )
    return Padding(row, (0, 0, 0, 2), expand=False)


def _ids(state: State, word: str, results: Iterable[Result], reason: str = "") -> RenderableType:
    text = Text.assemble((word, STYLES[state]), f"  {' '.join(one.control for one in results)}")
    if reason:
        text.append(f": {reason}", style="dim")
    return Padding(text, (0, 0, 0, 2), expand=False)


def _indented(text: str, style: str = "") -> RenderableType:
    return Padding(Text(text, style=style), (0, 0, 0, _INDENT), expand=False)


def _hosts(report: Report) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("host", overflow="fold")
    for state in State:
        table.add_column(str(state), justify="right")
    for host in report.hosts:
        numbers = [str(number) for number in count(report.of(host)).values()]
        silent = [*("-" for _ in numbers[1:]), "no answer"]
        table.add_row(host, *(silent if host in report.unanswered else numbers))
    return table


def _summary(report: Report) -> Iterator[RenderableType]:
    style = "bold red" if report.exit_code else "bold green"
    words = count_line(report.results)
    if report.unanswered:
        words += f"; no answer from {', '.join(report.unanswered)}"
    yield Text(f"{words}.", style=style)
    if report.known is not None:
        known = sum(report.is_known(one) for one in report.results)
        yield Text(
            f"Beside the baseline: {len(report.new)} new, {known} known, {len(report.fixed or ())} fixed."
        )
    for key in report.fixed or ():
        yield Text(f"  fixed: {key}", style="green")
