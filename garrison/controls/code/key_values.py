"""Files of ``key = value`` lines, of which the last one counts."""

import re
from collections.abc import Iterator, Mapping, Sequence

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
def judge_values(
    seen: Seen,
    files: Sequence[str],
    at_least: Mapping[str, int] | None = None,
    at_most: Mapping[str, int] | None = None,
    positive: Sequence[str] = (),
    flags: Sequence[str] = (),
) -> Iterator[Found]:
    """``files`` in the order in which they are read; ``positive`` keys mean "no limit" by zero."""
    texts = [seen.host.texts.get(file) for file in files] if seen.host else []
    if all(text is None for text in texts):
        yield unseen(files[-1])
        return
    values = read_values([text for text in texts if text is not None])
    for bounds, is_least in ((at_least or {}, True), (at_most or {}, False)):
        for key, bound in bounds.items():
            word = "at least" if is_least else "at most"
            number = values.get(key, "")
            if not re.fullmatch(r"-?\d+", number):
                yield Found(where=files[-1], what=f"{key} isn't set, {word} {bound} is asked.")
            elif (int(number) < bound) if is_least else (int(number) > bound):
                yield Found(where=files[-1], what=f"{key} is {number}, {word} {bound} is asked.")
            elif key in positive and int(number) <= 0:
                yield Found(where=files[-1], what=f"{key} is {number}, which switches it off.")
    for flag in flags:
        if flag not in values:
            yield Found(where=files[-1], what=f"{flag} isn't set.")
