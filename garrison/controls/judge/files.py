"""Modes and owners of files, and what their text has or lacks."""

import re
from collections.abc import Iterator

from garrison.controls.conditions import File, TextFile
from garrison.controls.finding import Found, unseen
from garrison.snapshot.host_model import HostFacts
from garrison.snapshot.record import FileState

WITHHELD = (
    "its text isn't told, so nothing is known of it and a deploy leaves it alone: it can't be read, is longer than "
    "1 MiB, isn't UTF-8, or has a line that looks like a password's hash or a private key."
)


def judge_file(condition: File, host: HostFacts) -> Iterator[Found]:
    """Every file that the pattern matches; ``mode`` is the most that may be allowed."""
    found = host.files.get(condition.path)
    if found is None:
        yield unseen(condition.path)
    elif not found and condition.must_exist:
        yield Found(where=condition.path, what="there is no such file.", is_absent=True)
    else:
        for path, state in sorted(found.items()):
            yield from _judge_state(path, state, condition)


def _judge_state(path: str, state: FileState, condition: File) -> Iterator[Found]:
    if state.mode is None:
        what = "it is a link that leads nowhere." if state.link else "its mode and owner can't be read."
        yield unseen(path, what)
        return
    if condition.mode is not None and state.mode & ~int(condition.mode, 8):
        yield Found(where=path, what=f"its mode is {state.mode:04o}, more than {condition.mode}.")
    if condition.owner is not None and state.user != condition.owner:
        yield Found(where=path, what=f"{_name(state.user, state.uid)} owns it, not {condition.owner}.")
    if condition.group is not None and state.group != condition.group:
        yield Found(where=path, what=f"its group is {_name(state.group, state.gid)}, not {condition.group}.")


def _name(name: str | None, number: int | None) -> str:
    return name or f"number {number} without a name"


def judge_text(condition: TextFile, host: HostFacts) -> Iterator[Found]:
    """The file's text line by line; a file that isn't there has nothing, and can't prove what it lacks either."""
    if condition.path not in host.texts:
        yield unseen(condition.path)
        return
    if condition.path in host.texts_withheld:
        yield unseen(condition.path, WITHHELD)
        return
    text = host.texts[condition.path]
    if text is None:
        yield Found(where=condition.path, what="there is no such file.", is_absent=True)
        return
    if condition.has is not None and not re.search(condition.has, text, re.MULTILINE):
        yield Found(where=condition.path, what=f"no line of it matches {condition.has} .")
    if condition.lacks is not None and (match := re.search(condition.lacks, text, re.MULTILINE)):
        line = text.count("\n", 0, match.start()) + 1
        yield Found(where=f"{condition.path}:{line}", what=f"it says {match[0].strip()!r}.")
