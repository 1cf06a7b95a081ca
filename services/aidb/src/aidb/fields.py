"""The words of requests: each type says which texts and numbers it takes, so no later step has to."""

import json
from collections.abc import Callable, Iterator
from typing import Annotated, Any

from garrison_kit.text import Text, check_text
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

MAX_CONTENT = 1024 * 1024
MAX_SKILL = 100_000
MAX_METADATA = 16 * 1024
MAX_SCHEMA = 32 * 1024
MAX_METADATA_DEPTH = 16
MAX_PATH = 1024
MAX_OFFSET = 10_000
DEFAULT_COLLECTION = "default"
BIGGEST_ID = 2**63 - 1


def _fits(limit: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        if len(text.encode()) > limit:
            raise ValueError(f"is longer than {limit} bytes in UTF-8")
        return text

    return check


def _is_path(path: str) -> str:
    # PostgreSQL's unique index takes rows up to 2,704 bytes; a path of 1,024 leaves room for the project.
    _fits(MAX_PATH)(path)
    if any(not character.isprintable() for character in path):
        raise ValueError("must not contain control characters")
    return path


def _has_words(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def _points_somewhere(vector: list[float]) -> list[float]:
    # The cosine of a vector without length is no number.
    if sum(number * number for number in vector) < 1e-12:
        raise ValueError("must not be all zeros")
    return vector


def _walk(value: Any, depth: int) -> Iterator[Any]:
    """Every key and leaf of a JSON value, without recursion. Raises ValueError where it is nested too deep."""
    level = [value]
    for _ in range(depth):
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
    raise ValueError(f"is nested deeper than {depth}")


def require_storable(value: Any, *, depth: int, size: int) -> Any:
    """The value itself. Raises ValueError unless it is a JSON object that jsonb holds, within the bounds."""
    if not isinstance(value, dict):
        raise ValueError("must be an object")
    for item in _walk(value, depth):
        if isinstance(item, str):
            check_text(item)
        elif isinstance(item, int) and abs(item) >= 2**64:
            raise ValueError("holds a whole number of more than 64 bits")
    try:
        length = len(json.dumps(value, ensure_ascii=False, allow_nan=False).encode())
    except ValueError:
        raise ValueError("holds a number that JSON doesn't have") from None
    if length > size:
        raise ValueError(f"is larger than {size} bytes as JSON")
    return value


def _storable_metadata(value: Any) -> Any:
    return require_storable(value, depth=MAX_METADATA_DEPTH, size=MAX_METADATA)


Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
Path = Annotated[Text, StringConstraints(min_length=1, max_length=MAX_PATH), AfterValidator(_is_path)]
Title = Annotated[Text, StringConstraints(min_length=1, max_length=500), AfterValidator(_has_words)]
Content = Annotated[Text, StringConstraints(max_length=MAX_CONTENT), AfterValidator(_fits(MAX_CONTENT))]
ContentType = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}$")
]
Checksum = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Query = Annotated[Text, StringConstraints(min_length=1, max_length=10_000), AfterValidator(_has_words)]
Embedding = Annotated[
    list[Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)]],
    Field(min_length=1, max_length=2000),
    AfterValidator(_points_somewhere),
]
Metadata = Annotated[dict[str, Any], BeforeValidator(_storable_metadata)]
Url = Annotated[Text, StringConstraints(min_length=1, max_length=2000), AfterValidator(_is_path)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$")]
Tag = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,49}$")]
Tags = Annotated[list[Tag], Field(max_length=20), AfterValidator(lambda tags: sorted(set(tags)))]
Line = Annotated[
    Text,
    StringConstraints(min_length=1, max_length=200),
    AfterValidator(_has_words),
    AfterValidator(_is_path),
]
Words = Annotated[Text, StringConstraints(min_length=1, max_length=2000), AfterValidator(_has_words)]
SkillContent = Annotated[
    Text,
    StringConstraints(min_length=1, max_length=MAX_SKILL),
    AfterValidator(_has_words),
    AfterValidator(_fits(MAX_SKILL)),
]
DocumentId = Annotated[int, Field(ge=1, le=BIGGEST_ID)]
Offset = Annotated[int, Field(ge=0, le=MAX_OFFSET)]


class Body(BaseModel):
    """A request's body: JSON types taken as they are, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
