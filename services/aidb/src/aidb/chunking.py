"""Splits a text into overlapping spans that an embedding model with a fixed window can read whole."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

BUDGET = 200
OVERLAP = 30
TITLE_BUDGET = 40

_WORD_LENGTH = 64
_WORD = re.compile(rf"\S{{1,{_WORD_LENGTH}}}")
_PIECE = re.compile(r"[a-zA-Z]+|[0-9]+|\S")
_SENTENCE_END = re.compile(r"[.!?\u2026\u3002\uff01\uff1f][\"')\]\xbb\u201d\u2019]*$")
_GLUED, _SPACE, _LINE, _SENTENCE, _PARAGRAPH = range(5)


@dataclass(frozen=True, kw_only=True, slots=True)
class Chunk:
    """One span of the source: ``text == source[start:end]``."""

    position: int
    start: int
    end: int
    text: str


@lru_cache(maxsize=65536)
def count_pieces(word: str) -> int:
    """Estimate how many word pieces a BERT tokenizer makes of one word; on the high side for odd words."""
    pieces = 0
    for piece in _PIECE.findall(word):
        if piece.isascii() and piece.isalpha():
            pieces += 1 if len(piece) <= 7 else -(-len(piece) // 4)
        elif piece.isdigit():
            pieces += -(-len(piece) // 2)
        else:
            pieces += 1
    return pieces


def estimate_tokens(text: str) -> int:
    """Estimate how many word pieces a BERT tokenizer makes of a text."""
    return sum(count_pieces(match[0]) for match in _WORD.finditer(text))


def _rank_gaps(text: str, words: list[re.Match[str]]) -> list[int]:
    """How good a place to cut each gap after a word is; the last gap is the text's end."""
    ranks = []
    for word, following in pairwise(words):
        gap = text[word.end() : following.start()]
        if gap.count("\n") > 1:
            ranks.append(_PARAGRAPH)
        elif not gap:
            ranks.append(_GLUED)
        elif _SENTENCE_END.search(word[0]):
            ranks.append(_SENTENCE)
        else:
            ranks.append(_LINE if "\n" in gap else _SPACE)
    return [*ranks, _PARAGRAPH]


def _choose_spans(
    weights: list[int], ranks: list[int], budget: int, overlap: int
) -> Iterator[tuple[int, int]]:
    """Yield word ranges [first, last): as long as fits, cut at the best gap of the second half."""
    sums = [0, *accumulate(weights)]
    first, count = 0, len(weights)
    while True:
        longest = bisect_right(sums, sums[first] + budget) - 1
        if longest >= count:
            yield first, count
            return
        shortest = bisect_left(sums, sums[first] + budget // 2)
        last = max(range(min(shortest, longest), longest + 1), key=lambda word: (ranks[word - 1], word))
        yield first, last
        earliest = max(first + 1, bisect_left(sums, sums[last] - overlap))
        first = max(range(earliest, last + 1), key=lambda word: (min(ranks[word - 1], _SENTENCE), -word))


def split_text(text: str, *, budget: int = BUDGET, overlap: int = OVERLAP) -> list[Chunk]:
    """Split a text into chunks of at most ``budget`` estimated tokens.

    Neighbours share up to ``overlap`` tokens; every character that isn't white space lies in a chunk.
    Returns an empty list for blank text. Raises ValueError when the budget can't hold two long words.
    """
    if budget < 2 * _WORD_LENGTH or not 0 <= overlap <= budget // 4:
        raise ValueError(
            f"budget {budget} must be at least {2 * _WORD_LENGTH}, overlap {overlap} at most a quarter"
        )
    words = list(_WORD.finditer(text))
    if not words:
        return []
    weights = [count_pieces(word[0]) for word in words]
    chunks: list[Chunk] = []
    for first, last in _choose_spans(weights, _rank_gaps(text, words), budget, overlap):
        start, end = words[first].start(), words[last - 1].end()
        chunks.append(Chunk(position=len(chunks), start=start, end=end, text=text[start:end]))
    return chunks


def add_title(title: str, text: str) -> str:
    """Put a document's title before a chunk, shortened so that both fit the model's window.

    White space is collapsed: no tokenizer sees it, and a text may hold a million blanks between two words.
    """
    used, end = 0, 0
    for word in _WORD.finditer(title):
        used += count_pieces(word[0])
        if used > TITLE_BUDGET:
            break
        end = word.end()
    return " ".join(f"{title[:end]}\n{text}".split())
