"""hybrid-coordinator beside qdrant-client, nixos-docs beside sqlite3: what a search costs over its index alone."""

from statistics import median

from tests.bench.aidb_programs import run_locally
from tests.bench.latency import p95, times_row
from tests.bench.report import Outcome, Section, keep, load_average
from tests.bench.rounds import ROUNDS
from tests.bench.texts import more_passages, pieces, questions

QUERIES, POINTS = 60, 2000
NIXOS = (
    "one pack of {rows} sections (docstrings of Python and of the services' libraries); the statements are recorded "
    "from nixos-docs"
)
HYBRID = (
    f"five collections of {POINTS} points in the lab's stand-in for Qdrant, asked at once by both; the requests are "
    "recorded from hybrid-coordinator, which has the queries' vectors remembered"
)


def test_a_search_of_nixos_docs_takes_at_most_six_times_its_sql() -> None:
    given = {"pages": make_pages(), "questions": questions(QUERIES)}
    before = load_average()
    found = run_locally("nixos_search", ROUNDS, given=given)
    ratio = _keep("nixos-search", NIXOS.format(rows=found["rows"]), ("sqlite3", "nixos-docs"), found, before)
    assert ratio <= 6


def test_a_search_of_the_coordinator_takes_at_most_four_times_its_requests() -> None:
    given = {"real": pieces(200, 12, 40), "questions": pieces(QUERIES, 6, 12, seed=11)}
    before = load_average()
    found = run_locally("hybrid_search", ROUNDS, POINTS, given=given)
    ratio = _keep("hybrid-search", HYBRID, ("qdrant-client", "hybrid-coordinator"), found, before)
    assert ratio <= 4


def make_pages() -> dict[str, str]:
    """A page a module, in Markdown."""
    pages: dict[str, str] = {}
    for module, part, text in more_passages():
        page = f"docs/{module}.md"
        pages[page] = pages.get(page, f"# {module}\n") + f"\n## {part}\n\n{text}\n"
    return pages


def _keep(
    name: str, method: str, sides: tuple[str, str], found: dict[str, list[float]], before: float
) -> float:
    """Report both sides; returns the ratio at p95."""
    direct, service = (found[side] for side in sides)
    ratio, middle = p95(service) / p95(direct), median(service) / median(direct)
    keep(
        Section(
            id=name,
            method=f"{QUERIES} queries asked {ROUNDS} times in turns over HTTP on loopback; {method}; local processes.",
            rows=(times_row(sides[0], direct), times_row(sides[1], service)),
            outcomes=(
                Outcome(
                    what=f"{sides[1]} / {sides[0]} at p95",
                    measured=f"{ratio:.2f} (p50: {middle:.2f})",
                    aim="at most 2",
                ),
                Outcome(
                    what="added at p50",
                    measured=f"{1000 * (median(service) - median(direct)):.1f} ms",
                    aim="none stated",
                ),
            ),
            load=(before, load_average()),
        )
    )
    return ratio
