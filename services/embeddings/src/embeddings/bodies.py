"""What callers send: TEI's /embed and OpenAI's /v1/embeddings, as models."""

from typing import Annotated, Literal

from garrison_kit.problems import HttpProblemError
from garrison_kit.text import Text
from pydantic import BaseModel, ConfigDict, Field

from embeddings.model import DIMENSIONS, NAME

Input = Annotated[Text, Field(min_length=1)]
MODEL_NAMES = (NAME, f"sentence-transformers/{NAME}")


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class EmbedBody(_Body):
    """TEI. ``truncate`` is on by default: a text past the model's 256 tokens is cut; off: it is refused."""

    inputs: Input | Annotated[list[Input], Field(min_length=1)]
    truncate: bool = True
    normalize: Literal[True] = True


class OpenAiBody(_Body):
    """OpenAI. Token ids instead of text are not taken: they would be another model's."""

    input: Input | Annotated[list[Input], Field(min_length=1)]
    model: str = NAME
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: Literal[384] | None = None
    user: str | None = None


def texts_of(given: str | list[str], *, max_inputs: int, max_characters: int) -> list[str]:
    """The texts as a list. Raises HttpProblemError (422) for too many or one that is too long."""
    texts = [given] if isinstance(given, str) else given
    if len(texts) > max_inputs:
        raise HttpProblemError(422, f"{len(texts)} inputs are more than the {max_inputs} of one request.")
    for index, text in enumerate(texts):
        if len(text) > max_characters:
            raise HttpProblemError(
                422, f"Input {index} has {len(text)} characters, more than the {max_characters} it may have."
            )
    return texts


def check_model(name: str) -> None:
    """Raise HttpProblemError (404) for a model that isn't served: vectors of two models must not mix."""
    if name not in MODEL_NAMES:
        raise HttpProblemError(
            404, f"The model {name[:64]!r} is not served here; {NAME} is ({DIMENSIONS} dimensions)."
        )
