"""Text that every later step can encode and store: no lone surrogates, no NUL."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field


def check_text(text: str) -> str:
    """The text itself. Raises ValueError for a lone surrogate (``"\\ud800"`` in JSON) or a NUL character."""
    if "\x00" in text:
        raise ValueError("text must not contain NUL characters")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("text must be valid Unicode: it contains a lone surrogate") from None
    return text


def _say_it_in_the_schema(schema: dict[str, Any]) -> None:
    schema.setdefault("pattern", "^[^\\u0000]*$")


Text = Annotated[str, AfterValidator(check_text), Field(json_schema_extra=_say_it_in_the_schema)]
