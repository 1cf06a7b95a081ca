"""What the kit costs a request, with keys, ids, logs, metrics and traces on, beside the same application bare."""

from pathlib import Path
from statistics import median

import pytest

from tests.bench.collector import collect
from tests.bench.kit_servers import CONNECTIONS, serve
from tests.bench.report import Outcome, Row, Section, keep, load_average
from tests.bench.rounds import ROUNDS, Run, interleave

REQUESTS = 2000
SERVERS = {"fastapi": "FastAPI on uvicorn", "flask": "Flask on gunicorn", "aiohttp": "aiohttp"}


@pytest.mark.parametrize("framework", SERVERS)
def test_with_the_kit_an_app_answers_at_least_three_tenths_as_many_requests(
    framework: str, tmp_path: Path
) -> None:
    """Both run at once, each is asked in turn; the first round warms them."""
    before = load_average()
    with (
        collect() as collector,
        serve(framework, "bare", tmp_path, {}) as bare,
        serve(framework, "kit", tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}) as kit,
    ):
        runs = interleave(
            {"bare": lambda: bare.ask(REQUESTS), "kit": lambda: kit.ask(REQUESTS)}, rounds=2 * ROUNDS + 1
        )
        lines = kit.log.read_text().count('"event": "request"')
    assert lines == REQUESTS * (2 * ROUNDS + 1), "the kit's log lacks requests"
    assert collector.received > 100 * lines, "the kit's spans never arrived"
    runs = {side: found[1:] for side, found in runs.items()}
    keep(_section(framework, runs, (before, load_average())))
    assert _best(runs["bare"]) / _best(runs["kit"]) >= 0.3


def _best(runs: list[Run]) -> float:
    return min(run.wall for run in runs)


def _section(framework: str, runs: dict[str, list[Run]], load: tuple[float, float]) -> Section:
    middle = median(run.wall for run in runs["bare"]) / median(run.wall for run in runs["kit"])
    cpu = {side: min(run.cpu for run in found) for side, found in runs.items()}
    measured = f"{_best(runs['bare']) / _best(runs['kit']):.2f} (medians: {middle:.2f})"
    return Section(
        id=f"kit-{framework}",
        method=(
            f"{SERVERS[framework]}, GET of 80 bytes of JSON, {CONNECTIONS} connections, {REQUESTS} requests a round, "
            "server and load on a core each; every request logged, counted and traced to a collector."
        ),
        rows=(_row("bare", runs["bare"]), _row("with the kit", runs["kit"])),
        outcomes=(
            Outcome(what="kit / bare, requests/s of the best rounds", measured=measured, aim="at least 0.6"),
            Outcome(
                what="the same by processor time",
                measured=f"{cpu['bare'] / cpu['kit']:.2f}",
                aim="none stated",
            ),
        ),
        load=load,
    )


def _row(what: str, runs: list[Run]) -> Row:
    rates = sorted(REQUESTS / run.wall for run in runs)
    figures = {"rounds": len(rates), "best requests/s": rates[-1], "median requests/s": median(rates)}
    return Row(
        what=what, figures={**figures, "CPU ms a request": min(run.cpu for run in runs) * 1000 / REQUESTS}
    )
