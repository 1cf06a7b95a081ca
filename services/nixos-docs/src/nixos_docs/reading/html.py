"""HTML: the main part of a page, without navigation, cut at its headings."""

from selectolax.lexbor import LexborHTMLParser, LexborNode

from nixos_docs.reading.page import Builder, Page, make_page, squeeze, words

_MAIN = ("main", "[role=main]", "article", "div.body", "div.document", "#content", "body")
_NOISE = (
    "script, style, noscript, template, nav, header nav, footer, aside, svg, a.headerlink, "
    ".navheader, .navfooter, .toc, .sphinxsidebar, [role=navigation], [role=search]"
)
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_BLOCKS = words(
    "address article blockquote dd details div dl dt fieldset figure form hr li main ol p pre section table tr ul"
    " br"
)


def read_html(path: str, text: str) -> Page:
    """The page in ``text``."""
    tree = LexborHTMLParser(text)
    title = tree.css_first("title")
    named = title.text() if title is not None else ""
    for noise in tree.css(_NOISE):
        noise.decompose()
    builder = Builder()
    main = next((found for selector in _MAIN if (found := tree.css_first(selector)) is not None), None)
    if main is not None:
        _fill(builder, main)
    sections = builder.finish()
    first = next((one.title for one in sections if one.title), "")
    return make_page(path, first or named, sections)


def _fill(builder: Builder, main: LexborNode) -> None:
    """Depth first, without recursion: a hostile page nests deeper than Python does."""
    todo: list[tuple[LexborNode, bool]] = [(main, False)]
    while todo:
        node, verbatim = todo.pop()
        tag = node.tag or ""
        if tag == "-text":
            content = node.text_content or ""
            builder.text(content if verbatim else squeeze(content))
        elif tag in _HEADINGS:
            builder.heading(_HEADINGS[tag], node.text(), _anchor(node))
        elif not tag.startswith(("-", "!")):
            if tag in _BLOCKS:
                builder.text("\n")
            todo.extend(
                (child, verbatim or tag == "pre") for child in reversed(list(node.iter(include_text=True)))
            )


def _anchor(heading: LexborNode) -> str:
    """Its own id, that of something inside, or that of the section it opens."""
    for node in (heading, *heading.css("[id], a[name]")):
        if found := node.attributes.get("id") or node.attributes.get("name"):
            return found
    parent = heading.parent
    for _ in range(4):
        if parent is None or parent.tag in ("body", "main", "html"):
            break
        if found := parent.attributes.get("id"):
            return found
        parent = parent.parent
    return ""
