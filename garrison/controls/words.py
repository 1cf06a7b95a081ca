"""The kinds of text that a control's record is written in."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, StringConstraints


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression ({error}); mend it") from None
    return text


def not_empty(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """For lists; unlike Pydantic's own bound it says nothing when an entry is the real fault."""
    if not values:
        raise ValueError("the list is empty; name at least one")
    return values


Text = Annotated[str, StringConstraints(min_length=1)]
Pattern = Annotated[str, AfterValidator(_pattern)]
# {stack_home} and the like stand for a host's settings, see ``garrison.controls.places``.
Path = Annotated[str, StringConstraints(pattern=r"^(/|\{stack_home\}/)")]
# No setuid and setgid bits: giving a file to its owner, as the deploy does, takes them away.
Mode = Annotated[str, StringConstraints(pattern=r"^01?[0-7]{3}$")]
Asked = Literal["sysctl", "modules", "files", "units", "config", "texts"]
Texts = Annotated[tuple[Text, ...], AfterValidator(not_empty)]
