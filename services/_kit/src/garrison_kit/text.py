"""Text that every later step can encode and store: no lone surrogates, no NUL."""

from typing import Annotated

from pydantic import AfterValidator


def check_text(text: str) -> str:
    """The text itself. Raises ValueError for a lone surrogate (``"\\ud800"`` in JSON) or a NUL character."""
    if "\x00" in text:
        raise ValueError("text must not contain NUL characters")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("text must be valid Unicode: it contains a lone surrogate") from None
    return text


Text = Annotated[str, AfterValidator(check_text)]
