"""What the kit costs a request, with keys, ids, logs, metrics and traces on.

Beside it stand the same application bare, and with a kit that is silent: keys, ids and limits as ever, but no logs,
metrics and traces.
"""

from pathlib import Path
from statistics import median

import pytest

from tests.bench.collector import collect
from tests.bench.kit_servers import CONNECTIONS, serve, write_request
from tests.bench.report import Outcome, Row, Section, keep, load_average
from tests.bench.rounds import ROUNDS, Run, interleave

REQUESTS = 2000
SERVERS = {"fastapi": "FastAPI on uvicorn", "flask": "Flask on gunicorn", "aiohttp": "aiohttp"}
QUESTION = {
    "text": "which services may leave the host",
    "limit": 10,
    "project": "garrison",
    "tags": ["a", "b"],
}
ASKED = {
    "search": write_request("POST", "/search", QUESTION),
    "nothing": write_request("GET", "/nothing"),
}
Runs = dict[str, list[Run]]


@pytest.mark.parametrize("framework", SERVERS)
def test_with_the_kit_an_app_answers_at_least_three_tenths_as_many_searches(
    framework: str, tmp_path: Path
) -> None:
    """All run at once, each is asked in turn; the first round warms them."""
    before = load_average()
    with (
        collect() as collector,
        serve(framework, "bare", tmp_path, {}) as bare,
        serve(framework, "silent", tmp_path, {}) as silent,
        serve(framework, "kit", tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}) as kit,
    ):
        variants = {
            f"{asked} {side}": lambda app=app, request=request: app.ask(REQUESTS, request)
            for asked, request in ASKED.items()
            for side, app in (("bare", bare), ("silent", silent), ("kit", kit))
        }
        runs = interleave(variants, rounds=ROUNDS + 1)
        lines = kit.count_lines(expected=len(ASKED) * REQUESTS * (ROUNDS + 1))
        counted, uncounted = kit.count_requests(), silent.count_requests()
    assert lines == len(ASKED) * REQUESTS * (ROUNDS + 1), "the kit's log lacks requests"
    assert collector.received > 100 * lines, "the kit's spans never arrived"
    assert counted == lines, "the kit's metrics lack requests"
    assert (silent.count_lines(expected=0), uncounted) == (0, 0), "the silent kit isn't silent"
    runs = {name: found[1:] for name, found in runs.items()}
    keep(_section(framework, runs, (before, load_average())))
    assert _ratio(runs, "search", "bare") >= 0.3
    assert _ratio(runs, "search", "silent") >= 0.5


def _ratio(runs: Runs, asked: str, beside: str) -> float:
    """Requests a second with the kit for each one that ``beside`` answers, in the best rounds."""
    return min(run.wall for run in runs[f"{asked} {beside}"]) / min(run.wall for run in runs[f"{asked} kit"])


def _section(framework: str, runs: Runs, load: tuple[float, float]) -> Section:
    return Section(
        id=f"kit-{framework}",
        method=(
            f"{SERVERS[framework]}, {CONNECTIONS} connections, {REQUESTS} requests a round, server and load on a core "
            "each; with the kit every request is checked, logged, counted and traced to a collector, "
            "with the silent kit it is checked alone."
        ),
        rows=(
            _row("a search, bare", runs["search bare"]),
            _row("a search, with the kit, silent", runs["search silent"]),
            _row("a search, with the kit", runs["search kit"]),
            _row("nothing, bare", runs["nothing bare"]),
            _row("nothing, with the kit, silent", runs["nothing silent"]),
            _row("nothing, with the kit", runs["nothing kit"]),
        ),
        outcomes=(
            _outcome(runs, "a search", "bare", "at least 0.6"),
            _outcome(runs, "a search", "silent", "at least 0.8"),
            _outcome(runs, "nothing", "bare", "none stated"),
            _outcome(runs, "nothing", "silent", "none stated"),
        ),
        load=load,
    )


def _outcome(runs: Runs, title: str, beside: str, aim: str) -> Outcome:
    asked = title.removeprefix("a ")
    other, kit = runs[f"{asked} {beside}"], runs[f"{asked} kit"]
    middle = median(run.wall for run in other) / median(run.wall for run in kit)
    cpu = min(run.cpu for run in other) / min(run.cpu for run in kit)
    ratio = _ratio(runs, asked, beside)
    measured = f"{ratio:.2f} (medians: {middle:.2f}; by processor time: {cpu:.2f})"
    return Outcome(what=f"kit / {beside}, {title}", measured=measured, aim=aim)


def _row(what: str, runs: list[Run]) -> Row:
    rates = sorted(REQUESTS / run.wall for run in runs)
    figures = {"rounds": len(rates), "best requests/s": rates[-1], "median requests/s": median(rates)}
    return Row(
        what=what, figures={**figures, "CPU ms a request": min(run.cpu for run in runs) * 1000 / REQUESTS}
    )
