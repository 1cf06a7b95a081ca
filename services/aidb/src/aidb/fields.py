"""The words of requests: each type says which texts and numbers it takes, so no later step has to."""

import json
from collections.abc import Iterator
from typing import Annotated, Any

from garrison_kit.text import Text, check_text
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

MAX_CONTENT = 1024 * 1024
MAX_METADATA = 16 * 1024
MAX_METADATA_DEPTH = 16
MAX_PATH = 1024
MAX_OFFSET = 10_000
DEFAULT_COLLECTION = "default"
BIGGEST_ID = 2**63 - 1


def _fits_content(text: str) -> str:
    if len(text.encode()) > MAX_CONTENT:
        raise ValueError(f"is longer than {MAX_CONTENT} bytes in UTF-8")
    return text


def _is_path(path: str) -> str:
    # PostgreSQL's unique index takes rows up to 2,704 bytes; a path of 1,024 leaves room for the project.
    if len(path.encode()) > MAX_PATH:
        raise ValueError(f"is longer than {MAX_PATH} bytes in UTF-8")
    if any(not character.isprintable() for character in path):
        raise ValueError("must not contain control characters")
    return path


def _has_words(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def _walk(value: Any) -> Iterator[Any]:
    """Every key and leaf of a JSON value, without recursion. Raises ValueError where it is nested too deep."""
    level = [value]
    for _ in range(MAX_METADATA_DEPTH):
        following: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                yield from item.keys()
                following.extend(item.values())
            elif isinstance(item, list):
                following.extend(item)
            else:
                yield item
        if not following:
            return
        level = following
    raise ValueError(f"is nested deeper than {MAX_METADATA_DEPTH}")


def _storable_json(value: Any) -> Any:
    if not isinstance(value, dict):
        raise ValueError("must be an object")
    for item in _walk(value):
        if isinstance(item, str):
            check_text(item)
        elif isinstance(item, int) and abs(item) >= 2**64:
            raise ValueError("holds a whole number of more than 64 bits")
    try:
        size = len(json.dumps(value, ensure_ascii=False, allow_nan=False).encode())
    except ValueError:
        raise ValueError("holds a number that JSON doesn't have") from None
    if size > MAX_METADATA:
        raise ValueError(f"is larger than {MAX_METADATA} bytes as JSON")
    return value


Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
Path = Annotated[Text, StringConstraints(min_length=1, max_length=MAX_PATH), AfterValidator(_is_path)]
Title = Annotated[Text, StringConstraints(min_length=1, max_length=500), AfterValidator(_has_words)]
Content = Annotated[Text, StringConstraints(max_length=MAX_CONTENT), AfterValidator(_fits_content)]
ContentType = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}$")
]
Checksum = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Query = Annotated[Text, StringConstraints(min_length=1, max_length=10_000), AfterValidator(_has_words)]
Metadata = Annotated[dict[str, Any], BeforeValidator(_storable_json)]
DocumentId = Annotated[int, Field(ge=1, le=BIGGEST_ID)]
Offset = Annotated[int, Field(ge=0, le=MAX_OFFSET)]


class Body(BaseModel):
    """A request's body: JSON types taken as they are, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
