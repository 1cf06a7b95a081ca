"""aidb beside what it stands on: psycopg for searches, the embeddings service for imports."""

from statistics import median

from tests.bench.aidb_programs import run_locally
from tests.bench.latency import p95, times_row
from tests.bench.report import Figures, Outcome, Row, Section, keep, load_average
from tests.bench.rounds import ROUNDS
from tests.bench.texts import pieces

CHUNKS, TEXTS, QUERIES = 100_000, 500, 100
DOCUMENTS = 12
TITLES = {"vector": "by meaning, chunks", "hybrid": "by meaning and words, documents (the default)"}
Times = dict[str, list[float]]


def test_a_search_among_many_chunks_takes_at_most_four_times_its_sql() -> None:
    """The same SQL as aidb's own code sends, recorded from it; the vectors of the queries are there for both."""
    before = load_average()
    given = {
        "real": pieces(TEXTS, 12, 40),
        "contents": pieces(20 * TEXTS, 40, 80),
        "questions": pieces(QUERIES, 6, 12, seed=11),
    }
    found = run_locally("aidb_search", ROUNDS, CHUNKS, given=given)
    rows, outcomes = [], []
    for side, title in TITLES.items():
        times: Times = found[side]
        rows += [times_row(f"{title}: {who}", times[who]) for who in ("psycopg", "aidb")]
        ratio = p95(times["aidb"]) / p95(times["psycopg"])
        middle = median(times["aidb"]) / median(times["psycopg"])
        measured = f"{ratio:.2f} (p50: {middle:.2f})"
        outcomes.append(Outcome(what=f"aidb / psycopg at p95, {title}", measured=measured, aim="at most 2"))
        assert ratio <= 4
    outcomes.append(
        Outcome(what="recall@10 against exact search", measured=f"{found['recall']:.3f}", aim="at least 0.95")
    )
    keep(
        Section(
            id="aidb-search",
            method=(
                f"{CHUNKS} chunks; their vectors are unit vectors spread around those of {TEXTS} real texts "
                f"and loaded by COPY, as embedding so many takes hours; {QUERIES} others asked {ROUNDS} times in "
                "turns, over HTTP on loopback, their vectors in aidb's cache; local processes."
            ),
            rows=tuple(rows),
            outcomes=tuple(outcomes),
            load=(before, load_average()),
        )
    )
    assert found["recall"] >= 0.95


def test_an_import_gives_at_least_four_tenths_of_what_embedding_alone_gives() -> None:
    """The same chunks in the same batches, by as many requests at once as aidb makes."""
    before = load_average()
    given = pieces(DOCUMENTS * (ROUNDS + 1), 300, 900)
    found = run_locally("aidb_import", ROUNDS, DOCUMENTS, given=given)
    ratio = max(found["aidb"]) / max(found["direct"])
    middle = median(found["aidb"]) / median(found["direct"])
    keep(
        Section(
            id="aidb-import",
            method=(
                f"Batches of {DOCUMENTS} new documents of 300 to 900 words, {min(found['chunks'])} to "
                f"{max(found['chunks'])} chunks; both sides ask embeddings for 32 texts at a time, twice at once; "
                "local processes."
            ),
            rows=(
                _rates("embeddings alone, /embed", found["direct"]),
                _rates("aidb, /documents/batch", found["aidb"]),
            ),
            outcomes=(
                Outcome(
                    what="aidb / embeddings, best rounds",
                    measured=f"{ratio:.2f} (medians: {middle:.2f})",
                    aim="at least 0.7",
                ),
            ),
            load=(before, load_average()),
        )
    )
    assert ratio >= 0.4


def _rates(what: str, rates: list[float]) -> Row:
    figures: Figures = {"rounds": len(rates), "best texts/s": max(rates), "median texts/s": median(rates)}
    return Row(what=what, figures=figures)
