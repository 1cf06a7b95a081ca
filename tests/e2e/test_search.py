"""Search finds the right page, more often than PostgreSQL's own full-text search does."""

from functools import partial
from pathlib import Path

import pytest

from tests.compliance.live import LiveHost
from tests.e2e.fulltext import score_fulltext
from tests.e2e.library import Library
from tests.e2e.quality import DEPTH, Score, load_questions, render_report, score
from tests.e2e.roff import Page

MODES = ["vector", "text", "hybrid"]
# Far below what was measured (docs/search-quality.md): packages' texts change a little with each release.
FLOOR = 0.5


@pytest.fixture(scope="module")
def scores(library: Library) -> list[Score]:
    """aidb's own ways, what it does unasked first."""
    questions = load_questions()
    ways = {"aidb, default": {}, **{f"aidb, `mode: {mode}`": {"mode": mode} for mode in MODES}}
    return [
        score(name, questions, partial(library.search, limit=DEPTH, **wanted))
        for name, wanted in ways.items()
    ]


@pytest.fixture(scope="module")
def plain(host: LiveHost, library: Library) -> list[Score]:
    """PostgreSQL's ways."""
    return score_fulltext(host, library.project, load_questions())


def test_every_question_is_about_a_page_of_the_corpus(corpus: list[Page]) -> None:
    questions = load_questions()
    assert len(questions) >= 20
    assert {one.page for one in questions} <= {page.path for page in corpus}


def test_no_question_repeats_its_page_s_title(corpus: list[Page]) -> None:
    titles = {page.path: page.title.lower() for page in corpus}
    for one in load_questions():
        assert one.ask.lower() not in titles[one.page]


def test_the_report_is_written(
    scores: list[Score], plain: list[Score], corpus: list[Page], root: Path
) -> None:
    report = render_report([*scores, *plain], len(corpus))
    print(report)  # noqa: T201 - what a person wants to read of this test
    folder = root / ".garrison" / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "search-quality.md").write_text(report)


def test_the_default_finds_as_much_as_any_plain_full_text_search_or_more(
    scores: list[Score], plain: list[Score]
) -> None:
    assert scores[0].recall(DEPTH) >= max(FLOOR, *(one.recall(DEPTH) for one in plain))


@pytest.mark.parametrize("mode", [None, *MODES])
def test_the_second_page_of_a_search_continues_the_first(library: Library, mode: str | None) -> None:
    wanted = {"mode": mode} if mode else {}
    ask = "read a file"
    both = library.search(ask, limit=20, **wanted)
    parts = [library.search(ask, limit=10, offset=offset, **wanted) for offset in (0, 10)]
    assert len(set(both)) == 20
    assert parts[0] + parts[1] == both
