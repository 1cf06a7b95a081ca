"""How good a search is: how often the right page is among the first that it gives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import yaml

from tests.e2e.corpus import DATA

DEPTH = 5


@dataclass(frozen=True, kw_only=True)
class Question:
    """What somebody asks, and the one page that answers."""

    ask: str
    page: str


@dataclass(frozen=True, kw_only=True)
class Score:
    """What one way of searching gave for each question, best first."""

    way: str
    found: Mapping[Question, Sequence[str]]

    def recall(self, depth: int) -> float:
        """The share of questions whose right page is among the first ``depth``."""
        return sum(one.page in paths[:depth] for one, paths in self.found.items()) / len(self.found)


def load_questions() -> list[Question]:
    """All questions."""
    return [Question(**row) for row in yaml.safe_load((DATA / "questions.yaml").read_text())]


def score(way: str, questions: Sequence[Question], search: Callable[[str], Sequence[str]]) -> Score:
    """Ask every question."""
    return Score(way=way, found={one: search(one.ask) for one in questions})


def render_report(scores: Sequence[Score], pages: int) -> str:
    """A table of all ways, and which questions the first of them missed."""
    first = scores[0]
    missed = [one for one, paths in first.found.items() if one.page not in paths[:DEPTH]]
    lines = [
        f"{len(first.found)} questions over {pages} manual pages.",
        "",
        f"| search | recall@1 | recall@{DEPTH} |",
        "|---|---|---|",
        *(f"| {one.way} | {one.recall(1):.2f} | {one.recall(DEPTH):.2f} |" for one in scores),
        "",
        f"Not among the first {DEPTH} of {first.way}:",
        "",
        *(f"- {one.ask} ({one.page}; found: {', '.join(first.found[one])})" for one in missed),
    ]
    return "\n".join(lines) + "\n"
