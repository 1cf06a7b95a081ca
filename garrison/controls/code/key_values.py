"""Files of ``key = value`` lines, of which the last one counts."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from garrison.controls.code.registry import judges
from garrison.controls.finding import Found, unseen
from garrison.controls.seen import Seen


def read_values(texts: Sequence[str]) -> dict[str, str]:
    """Every key's last value, in lower case; a key alone has the empty one."""
    found: dict[str, str] = {}
    for text in texts:
        for line in text.splitlines():
            if match := re.match(r"\s*([A-Za-z_]+)\s*(?:=\s*(.*?))?\s*(?:#.*)?$", line):
                found[match[1].lower()] = match[2] or ""
    return found


@judges("key-value-file")
def judge_values(seen: Seen, files: Sequence[str], **asked: Any) -> Iterator[Found]:
    """``files`` in the order in which they are read; ``asked`` as ``find_faults`` takes it."""
    texts = [seen.host.texts.get(file) for file in files] if seen.host else []
    if all(text is None for text in texts) or (seen.host and seen.host.texts_withheld & {*files}):
        yield unseen(files[-1])
        return
    values = read_values([text for text in texts if text is not None])
    for key, what in find_faults(values, **asked):
        yield Found(where=files[-1], what=f"{key} {what}")


def find_faults(
    values: Mapping[str, str],
    *,
    at_least: Mapping[str, int] | None = None,
    at_most: Mapping[str, int] | None = None,
    positive: Sequence[str] = (),
    flags: Sequence[str] = (),
) -> Iterator[tuple[str, str]]:
    """Each key whose value isn't as asked, and what is wrong; for ``positive`` keys zero means "no limit"."""
    for bounds, word in ((at_least or {}, "at least"), (at_most or {}, "at most")):
        for key, bound in bounds.items():
            text = values.get(key, "")
            if not re.fullmatch(r"-?\d+", text):
                yield key, f"isn't set, {word} {bound} is asked."
            elif (int(text) < bound) if word == "at least" else (int(text) > bound):
                yield key, f"is {text}, {word} {bound} is asked."
            elif key in positive and int(text) <= 0:
                yield key, f"is {text}, which switches it off."
    for flag in flags:
        if flag not in values:
            yield flag, "isn't set."
