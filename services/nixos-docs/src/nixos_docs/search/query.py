"""What a user typed, as expressions for FTS5 that can't be syntactically wrong."""

import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

from garrison_kit.problems import HttpProblemError

Matched = Literal["all", "prefixes", "any"]

_MOST_WORDS = 32
_PART = re.compile(r'"([^"]*)"|(\S+)')
_STOP_WORDS = (
    "a an and are as at be by can do does for from how i in into is it my of on or should that the this to was what"
    " when where which why will with you your"
)
_STOP = frozenset(_STOP_WORDS.split())


@dataclass(frozen=True)
class Term:
    """A word or a phrase; ``is_prefix`` when the user ended it with ``*``."""

    text: str
    is_phrase: bool = False
    is_prefix: bool = False

    def render(self, prefix: bool) -> str:
        """The term as a string of FTS5, in which nothing has a meaning but the doubled quote."""
        quoted = '"' + self.text.replace('"', '""') + '"'
        return f"{quoted}*" if self.is_prefix or (prefix and not self.is_phrase) else quoted


class Stage(NamedTuple):
    """One attempt: in the table of stems or in that of words as written."""

    matched: Matched
    table: Literal["words", "beginnings"]
    expression: str


@dataclass(frozen=True)
class Question:
    """The terms of a query, tried strictly first: every word, then beginnings of words, then any of them."""

    terms: tuple[Term, ...]

    def stages(self) -> tuple[Stage, ...]:
        """What is tried, in this order, until something is found."""
        whole = [term.render(prefix=False) for term in self.terms]
        begun = [term.render(prefix=True) for term in self.terms]
        stages = [Stage("all", "words", " ".join(whole)), Stage("prefixes", "beginnings", " ".join(begun))]
        if any(term.is_prefix for term in self.terms):
            stages.insert(0, Stage("all", "beginnings", " ".join(whole)))
        if len(self.terms) > 1:
            stages += [
                Stage("any", "words", " OR ".join(whole)),
                Stage("any", "beginnings", " OR ".join(begun)),
            ]
        return tuple(stages)


def parse(text: str) -> Question:
    """The question in ``text``. Raises HttpProblemError 422 when it has no word to search for."""
    terms = [term for term in map(_term, _PART.finditer(text)) if any(map(str.isalnum, term.text))]
    telling = [term for term in terms if term.is_phrase or term.text.lower().strip("?!.,;:") not in _STOP]
    if not terms:
        raise HttpProblemError(422, "The query has no word and no number to search for.")
    return Question(tuple((telling or terms)[:_MOST_WORDS]))


def _term(found: re.Match[str]) -> Term:
    phrase, word = found.groups()
    if phrase is not None:
        return Term(phrase, is_phrase=True)
    return Term(word.rstrip("*"), is_prefix=word.endswith("*"))
