"""Cuts long content into parts that the embedding model reads whole."""

MAX_PART = 1200
_BREAKS = ("\n\n", "\n", ". ", " ")


def split(content: str) -> list[str]:
    """The parts in order, each of at most ``MAX_PART`` characters, cut where a paragraph, line or sentence ends."""
    parts = []
    rest = content.strip()
    while len(rest) > MAX_PART:
        end = _find_end(rest)
        parts.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [*parts, rest] if rest else parts


def _find_end(text: str) -> int:
    for mark in _BREAKS:
        found = text.rfind(mark, MAX_PART // 2, MAX_PART - len(mark) + 1)
        if found != -1:
            return found + len(mark)
    return MAX_PART
