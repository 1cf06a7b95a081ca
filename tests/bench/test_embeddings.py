"""Texts a second through the service, beside ONNX Runtime called directly in the same container."""

import json
import random
from pathlib import Path
from statistics import median

from garrison.plan.step import LIB
from garrison.plan.wanted import Wanted
from tests.bench.host_programs import read_program, run_on
from tests.bench.report import Figures, Outcome, Row, Section, keep, load_average
from tests.bench.rounds import ROUNDS
from tests.compliance.live import LiveHost

BATCHES, BATCH = 4, 32
SHORTEST, LONGEST = 10, 110  # words: a question to a paragraph


def test_the_service_gives_at_least_four_tenths_of_what_the_library_gives(
    host: LiveHost, wanted: Wanted, root: Path
) -> None:
    """The same batches, model, tokenizer and threads; the other side waits meanwhile."""
    question = {
        "lib": LIB,
        "port": wanted.catalog.services["embeddings"].publish["http"],
        "rounds": ROUNDS,
        "batches": make_batches((root / "LICENSE").read_text(encoding="utf-8").split()),
        "direct": read_program("direct"),
    }
    before = load_average()
    found = run_on(host, "embed", json.dumps(question))
    assert found["cosine"] > 0.999, "the two sides don't compute the same"
    best = {side: min(found[side]) for side in ("direct", "service", "two clients")}
    ratio = best["direct"] / best["service"]
    keep(
        Section(
            id="embeddings",
            method=f"{BATCHES} batches of {BATCH} texts of {SHORTEST} to {LONGEST} words, round by round, on the host.",
            rows=(
                _row("ONNX Runtime directly, one process", found["direct"]),
                _row("through the service, one client", found["service"]),
                _row("through the service, two clients", found["two clients"]),
            ),
            outcomes=(
                Outcome(what="service / direct, best rounds", measured=f"{ratio:.2f}", aim="at least 0.8"),
                Outcome(
                    what="the same with two clients",
                    measured=f"{best['direct'] / best['two clients']:.2f}",
                    aim="none stated",
                ),
            ),
            load=(before, load_average()),
        )
    )
    assert ratio >= 0.4


def make_batches(words: list[str]) -> list[list[str]]:
    """The same texts every time: pieces of a text, of lengths drawn from a fixed seed."""
    lengths = random.Random(7)  # noqa: S311 - nothing secret about it
    texts = []
    for _ in range(BATCHES * BATCH):
        size = lengths.randint(SHORTEST, LONGEST)
        start = lengths.randrange(len(words) - size)
        texts.append(" ".join(words[start : start + size]))
    return [texts[at : at + BATCH] for at in range(0, len(texts), BATCH)]


def _row(what: str, seconds: list[float]) -> Row:
    rates = sorted(BATCHES * BATCH / one for one in seconds)
    figures: Figures = {
        "rounds": len(rates),
        "best texts/s": rates[-1],
        "median texts/s": median(rates),
    }
    return Row(what=what, figures=figures)
