"""Manual pages as plain text: groff sets them, this takes away what is only there for paper."""

import os
import re
import subprocess
from dataclasses import dataclass

# Tables and equations, either macro package; no backspaces, no escapes, one endless sheet, no hyphenation.
GROFF = ["groff", "-k", "-Kutf8", "-t", "-e", "-mandoc", "-Tutf8", "-P-cbou", "-rcR=1", "-rHY=0", "-rLL=100n"]
_NAME = re.compile(r"^NAME\n(?P<line>(?:[ \t]+\S.*\n)+)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Page:
    """One manual page."""

    path: str
    title: str
    content: str


def render_page(path: str, source: bytes) -> Page:
    """Set one page. Raises ValueError when it comes out without a NAME section: it is no manual page then."""
    # groff reads typesetting variables from its environment; a page must not depend on who renders it.
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    done = subprocess.run(GROFF, input=source, env=environment, capture_output=True, check=True)
    content = clean(done.stdout.decode())
    if not (name := _NAME.search(content)):
        raise ValueError(f"{path}: no NAME section; is it a page at all?")
    return Page(path=path, title=" ".join(name["line"].split()), content=content)


def clean(text: str) -> str:
    """Without the running heads, the spaces that fill lines, words cut at a line's end, and typographer's hyphens."""
    lines = text.strip().split("\n")[1:-1]
    whole = re.sub(r"\u2010\n\s+", "", "\n".join(lines)).replace("\u2010", "-")
    filled = re.sub(r"(?<=\S) {2,}(?=\S)", " ", whole)
    return re.sub(r"\n{3,}", "\n\n", filled).strip() + "\n"
