"""A page and its sections, whatever they were written in."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_WHITE = re.compile(r"[ \t\f\v\u00a0]+")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_EMPTY_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, kw_only=True)
class Section:
    """A piece of a page under one heading; ``headings`` are those above it."""

    title: str
    headings: tuple[str, ...]
    anchor: str
    body: str


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page; ``text`` is what a reader gets."""

    path: str
    title: str
    sections: tuple[Section, ...]
    text: str


@dataclass(kw_only=True)
class Builder:
    """Collects sections while a page is read from top to bottom."""

    _open: list[tuple[int, str]] = field(default_factory=list)
    _done: list[Section] = field(default_factory=list)
    _body: list[str] = field(default_factory=list)
    _title: str = ""
    _anchor: str = ""

    def heading(self, level: int, title: str, anchor: str = "") -> None:
        """Begin a section."""
        self._close()
        while self._open and self._open[-1][0] >= level:
            self._open.pop()
        self._open.append((level, clean(title)))
        self._title, self._anchor = clean(title), anchor

    def text(self, text: str) -> None:
        """Add text to the section."""
        self._body.append(text)

    def finish(self) -> tuple[Section, ...]:
        """All sections that have a title or a text."""
        self._close()
        return tuple(self._done)

    def _close(self) -> None:
        body = tidy("".join(self._body))
        if self._title or body:
            headings = tuple(title for _, title in self._open[:-1])
            self._done.append(Section(title=self._title, headings=headings, anchor=self._anchor, body=body))
        self._body.clear()


def words(text: str) -> frozenset[str]:
    """The words in ``text``."""
    return frozenset(text.split())


def clean(text: str) -> str:
    """One line without superfluous space or control characters."""
    return " ".join(printable(text).split())


def tidy(text: str) -> str:
    """Lines without space at their ends, and never more than one empty line in between."""
    lines = (line.rstrip() for line in printable(text).split("\n"))
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip("\n")


def squeeze(text: str) -> str:
    """Running text, its spaces collapsed."""
    return _WHITE.sub(" ", text.replace("\n", " "))


def printable(text: str) -> str:
    """Without control characters (but newline and tab) and lone surrogates: what can be stored and sent."""
    return _UNPRINTABLE.sub("", text)


def slug(title: str) -> str:
    """The anchor that renderers of Markdown make of a heading."""
    kept = "".join(each for each in title.lower() if each.isalnum() or each in " -_")
    return re.sub(r"[ ]+", "-", kept.strip())


def render(title: str, sections: Iterable[Section]) -> str:
    """The sections as one text."""
    parts = [title] if title else []
    for section in sections:
        parts += (
            [f"{'#' * (len(section.headings) + 1)} {section.title}"]
            if section.title not in ("", title)
            else []
        )
        parts += [section.body] if section.body else []
    return "\n\n".join(parts) + "\n"


def make_page(path: str, title: str, sections: tuple[Section, ...], text: str | None = None) -> Page:
    """A page; without a title it takes its first heading, or else the name of its file."""
    found = clean(title) or next((one.title for one in sections if one.title), "") or path.rpartition("/")[2]
    return Page(path=path, title=found, sections=sections, text=text or render(found, sections))
