"""Markdown, with the anchors of the Nix manuals: ``## Title {#anchor}`` and MyST's ``(anchor)=``."""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from nixos_docs.reading.page import Builder, Page, make_page, printable, slug

_PARSER = MarkdownIt("commonmark", {"maxNesting": 40}).enable("table")
_FRONT = re.compile(r"\A---\n(?P<head>.*?)\n---\n", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title:\s*[\"']?(?P<title>.*?)[\"']?\s*$", re.MULTILINE)
_ANCHOR = re.compile(r"\s*\{#(?P<anchor>[^}\s]+)[^}]*\}\s*$")
_LABEL = re.compile(r"^\((?P<anchor>[^()\s]+)\)=\s*$")
_TAG = re.compile(r"<[^>]*>")


def read_markdown(path: str, text: str) -> Page:
    """The page in ``text``."""
    source = printable(text.replace("\r\n", "\n"))
    front = _FRONT.match(source)
    named = _FRONT_TITLE.search(front["head"]) if front else None
    builder = Builder()
    _fill(builder, _PARSER.parse(source[front.end() :] if front else source))
    return make_page(path, named["title"] if named else "", builder.finish(), source)


def _fill(builder: Builder, tokens: list[Token]) -> None:
    label, level = "", 0
    for token in tokens:
        if token.type == "heading_open" and token.level == 0:
            level = int(token.tag[1])
        elif token.type == "inline" and level:
            title, anchor = _split(_say(token))
            builder.heading(level, title, anchor or label or slug(title))
            label, level = "", 0
        elif token.type == "inline":
            said = _say(token)
            if found := _LABEL.match(said):
                label = found["anchor"]
            else:
                builder.text(said + ("\t" if token.level > 2 and "|" in token.markup else "\n"))
        elif token.type in ("fence", "code_block"):
            builder.text(f"\n{token.content}\n")
        elif token.type == "html_block":
            builder.text(_TAG.sub("", token.content) + "\n")
        elif token.type in ("paragraph_close", "table_close", "bullet_list_close", "ordered_list_close"):
            builder.text("\n")


def _split(title: str) -> tuple[str, str]:
    found = _ANCHOR.search(title)
    return (title[: found.start()], found["anchor"]) if found else (title, "")


def _say(token: Token) -> str:
    return "".join(_pieces(token.children or ()))


def _pieces(children: list[Token] | tuple[Token, ...]) -> Iterator[str]:
    for child in children:
        if child.type in ("text", "code_inline"):
            yield child.content
        elif child.type in ("softbreak", "hardbreak"):
            yield "\n"
        elif child.type == "image":
            yield child.content
