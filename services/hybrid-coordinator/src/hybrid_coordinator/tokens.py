"""Counts tokens without the model's own tokenizer, and rather too many than too few."""

import re

_WORDS = re.compile(r"[A-Za-z]+|\s+|.", re.DOTALL)
_LETTERS_A_TOKEN = 3
_CUT = " […]"


def count_tokens(text: str) -> int:
    """At least about what a byte-pair or word-piece tokenizer makes of ordinary text and code.

    Three letters a token, where models need about four; each digit and sign one; others by their bytes.
    """
    return sum(_count(piece) for piece in _WORDS.findall(text))


def _count(piece: str) -> int:
    if piece.isspace():
        # A single space goes with the word after it.
        return 0 if piece == " " else max(1, piece.count("\n"))
    if piece.isascii():
        return -(-len(piece) // _LETTERS_A_TOKEN)
    return len(piece.encode())


def cut_to(text: str, budget: int) -> str:
    """The beginning of ``text`` that fits into ``budget`` tokens, marked where it was cut; "" if nothing does."""
    if count_tokens(text) <= budget:
        return text
    left = budget - count_tokens(_CUT)
    end = 0
    for match in _WORDS.finditer(text):
        left -= _count(match[0])
        if left < 0:
            break
        end = match.end()
    kept = text[:end].rstrip()
    return kept + _CUT if kept else ""
