"""Words of a catalog become parts of configurations and of arguments: a line break at the end is none of them."""

import pytest
from pydantic import TypeAdapter, ValidationError

from garrison.catalog.egress import HostName
from garrison.catalog.paths import AbsolutePath, UrlPath
from garrison.catalog.size import Size


@pytest.mark.parametrize(
    ("kind", "word"),
    [(AbsolutePath, "/srv/x"), (UrlPath, "/health/ready"), (Size, "16M"), (HostName, "models.example")],
)
def test_a_word_is_taken_as_it_is_and_not_with_a_line_break(kind: object, word: str) -> None:
    words: TypeAdapter[str] = TypeAdapter(kind)
    assert str(words.validate_python(word)) == word
    with pytest.raises(ValidationError):
        words.validate_python(f"{word}\n")
