"""Manual pages: the requests of man(7) and mdoc(7) that carry text, without a typesetter."""

import re
from collections.abc import Iterator

from nixos_docs.reading.page import Builder, Page, make_page, words

# fmt: off
_NAMED = {
    "bu": "•", "em": "—", "en": "\u2013", "hy": "-", "lq": "“", "rq": "”", "oq": "\u2018", "cq": "\u2019", "aq": "'",
    "dq": '"', "ti": "~", "ha": "^", "rs": "\\", "sl": "/", "ga": "`", "co": "©", "rg": "®", "->": "→", "<-": "←",
    "at": "@", "ba": "|", "bv": "|", "or": "|", "lB": "[", "rB": "]", "lC": "{", "rC": "}", "la": "⟨", "ra": "⟩",
    "mu": "\u00d7",
}
# fmt: on
_ESCAPE = re.compile(
    r"\\(?:f(?:\[[^\]]*\]|\(..|.)|s[+-]?\d+|s\[[^\]]*\]|[*n](?:\[[^\]]*\]|\(..|.)|[mMFRY](?:\[[^\]]*\]|\(..|.)"
    r"|[hvwlLXboDA]'[^']*'|\[u(?P<code>[0-9A-Fa-f]{4,6})\]|\[(?P<long>[^\]]*)\]|\((?P<short>..)|(?P<one>.)|$)"
)
_ONE = {
    "e": "\\",
    "\\": "\\",
    "-": "-",
    "~": " ",
    "0": " ",
    " ": " ",
    "t": "\t",
    "'": "'",
    "`": "`",
    ".": ".",
}
_WORD = re.compile(r'"((?:[^"]|"")*)"?|(\S+)')
_BREAKS = words("PP P LP Pp br sp TP IP It EX EE nf fi RS RE HP Bl El TQ SY YS D1 Dl")
_FONTS = words("B I R SM SB BI BR IB IR RB RI")
_ENDINGS = {"Fl": "-", "Cm": "", "Ar": "", "Pa": "", "Nm": "", "Xr": "", "Op": "", "Li": "", "Nd": "- "}
_MDOC = words(
    "Fl Cm Ar Pa Nm Xr Op Li Nd Em Sy Ic Va Ev Er Dv Fn Fa Ft Vt Ql Sq Dq Bq Cd Tn Ux Bx Ns No Pq Sx Oo Oc Ms An Aq"
)


def read_roff(path: str, text: str) -> Page:
    """The manual page in ``text``; its title is the line of its NAME section."""
    builder = Builder()
    page = _Reader(builder)
    for line in text.replace("\r\n", "\n").split("\n"):
        page.take(line)
    sections = builder.finish()
    name = next((one.body for one in sections if one.title.lower() == "name"), "")
    return make_page(path, name.partition("\n\n")[0] or page.title, sections)


class _Reader:
    def __init__(self, builder: Builder) -> None:
        self.title = ""
        self._builder = builder
        self._awaits: int = 0
        self._is_literal = False
        self._skips_to = ""
        self._name = ""

    def take(self, line: str) -> None:
        """One line of the source."""
        if self._skips_to:
            self._skips_to = "" if line.startswith(self._skips_to) else self._skips_to
        elif line.startswith((".", "'")) and not line.startswith("..") and len(line) > 1:
            self._request(line[1:].lstrip())
        else:
            self._say(unescape(line), joins=line.endswith("\\c"))

    def _request(self, line: str) -> None:
        name, _, rest = line.partition(" ")
        said = [unescape(word) for word in split_words(rest)]
        if name.startswith('\\"') or name in ("de", "ig", "am"):
            self._skips_to = "" if name.startswith("\\") else ".."
        elif name in ("SH", "Sh", "SS", "Ss"):
            self._head(1 if name.lower() == "sh" else 2, " ".join(said))
        elif name in ("TH", "Dt"):
            self.title = f"{said[0].lower()}({said[1]})" if len(said) > 1 else " ".join(said)
        else:
            self._inline(name, said)

    def _inline(self, name: str, said: list[str]) -> None:
        if name in ("EX", "nf", "Bd"):
            self._is_literal = True
        elif name in ("EE", "fi", "Ed"):
            self._is_literal = False
        if name in _BREAKS:
            self._builder.text("\n" if name in ("br", "TP", "It") else "\n\n")
        if name == "IP" and said:
            self._say(said[0] + " ", joins=True)
        elif name == "It" and said:
            self._say(" ".join(_mdoc(said)))
        elif name in _FONTS and said:
            self._say((" " if name in ("B", "I", "R", "SM", "SB") else "").join(said))
        elif name in _MDOC:
            self._mdoc(name, said)

    def _mdoc(self, name: str, words: list[str]) -> None:
        if name == "Nm":
            self._name = words[0] if words else self._name
            words = words or [self._name]
        if said := " ".join(_mdoc([name, *words] if name in _ENDINGS else words)):
            self._say(said)

    def _head(self, level: int, title: str) -> None:
        if title:
            self._builder.heading(level, title)
        else:
            self._awaits = level

    def _say(self, text: str, *, joins: bool = False) -> None:
        if self._awaits and text.strip():
            self._builder.heading(self._awaits, text)
            self._awaits = 0
            return
        if self._is_literal:
            self._builder.text(f"{text}\n")
        elif not text.strip():
            self._builder.text("\n\n")
        else:
            self._builder.text(text if joins else f"{text} ")


def _mdoc(said: list[str]) -> Iterator[str]:
    before = ""
    for word in said:
        if word in _MDOC:
            before = _ENDINGS.get(word, "")
        else:
            yield before + word
            before = ""
    if before == "-":
        yield before


def split_words(text: str) -> Iterator[str]:
    """The arguments of a request."""
    for quoted, plain in _WORD.findall(text):
        if plain.startswith('\\"'):
            return
        yield quoted.replace('""', '"') if quoted or not plain else plain


def unescape(text: str) -> str:
    """``text`` with its escapes taken for what they print."""
    return _ESCAPE.sub(_one, text)


def _one(found: re.Match[str]) -> str:
    if found["code"]:
        number = int(found["code"], 16)
        return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else ""
    if (name := found["long"] or found["short"]) is not None:
        return _NAMED.get(name, name[0] if name else "")
    return (
        _ONE.get(found["one"] or "", "")
        if found["one"] not in ("&", "c", "/", ",", "|", "^", "%", ":")
        else ""
    )
