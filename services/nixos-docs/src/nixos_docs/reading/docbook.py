"""DocBook and other XML with titles: sections nest, each with its title and id."""

from xml.etree import ElementTree

from nixos_docs.reading.page import Builder, Page, make_page, squeeze, words

_ID = "{http://www.w3.org/XML/1998/namespace}id"
_SECTIONS = words(
    "book part preface chapter appendix section sect1 sect2 sect3 sect4 sect5 article refsection refsect1 refsect2"
    " refentry reference simplesect glossary"
)
_VERBATIM = words("programlisting screen literallayout synopsis")
_BLOCKS = words("para listitem varlistentry term row entry note warning tip caution important example")


def read_docbook(path: str, text: str) -> Page:
    """The page in ``text``. Raises ValueError when it isn't well-formed XML."""
    try:
        root = ElementTree.fromstring(text.encode())  # noqa: S314 - expat bounds entities; it loads none from outside
    except ElementTree.ParseError as error:
        raise ValueError(f"{path} is not well-formed XML") from error
    builder = Builder()
    _fill(builder, root)
    return make_page(path, "", builder.finish())


def _fill(builder: Builder, root: ElementTree.Element) -> None:
    todo: list[tuple[ElementTree.Element | str, int, bool, str]] = [(root, 0, False, "")]
    while todo:
        node, depth, verbatim, anchor = todo.pop()
        if isinstance(node, str):
            builder.text(node if verbatim else squeeze(node))
            continue
        tag = node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""
        if tag in _SECTIONS:
            depth, anchor = depth + 1, node.get(_ID) or node.get("id") or ""
        elif tag == "title" and anchor is not None and depth:
            builder.heading(depth, "".join(node.itertext()), anchor)
            todo.append((node.tail or "", depth, verbatim, anchor))
            continue
        elif tag in _BLOCKS or tag in _VERBATIM:
            builder.text("\n")
        inside = [(child, depth, verbatim or tag in _VERBATIM, anchor) for child in node]
        todo.append((node.tail or "", depth, verbatim, anchor))
        todo.extend(reversed(inside))
        todo.append((node.text or "" if tag else "", depth, verbatim or tag in _VERBATIM, anchor))
