"""What callers get: TEI's bare list of vectors, OpenAI's document, and what the service says of itself."""

import base64
from collections.abc import Sequence
from typing import Any, Literal

import orjson
from flask import Response
from pydantic import BaseModel, Field

from embeddings import __version__
from embeddings.batcher import Vectors
from embeddings.model import DIMENSIONS, MAX_TOKENS, NAME, Tokens
from embeddings.settings import Settings

EmbedAnswer = list[list[float]]


class OpenAiItem(BaseModel):
    """One text's vector: numbers, or their little-endian 32-bit floats in base64."""

    object: Literal["embedding"]
    index: int
    embedding: list[float] | str


class OpenAiUsage(BaseModel):
    """How many tokens the model has read."""

    prompt_tokens: int
    total_tokens: int


class OpenAiAnswer(BaseModel):
    """OpenAI's list of vectors."""

    object: Literal["list"]
    model: str
    data: list[OpenAiItem]
    usage: OpenAiUsage


class Info(BaseModel):
    """The model that is loaded, and what a request may hold."""

    model: str = NAME
    version: str = __version__
    dimensions: int = DIMENSIONS
    max_tokens: int = MAX_TOKENS
    max_inputs: int
    max_characters: int
    max_body: int
    pooling: Literal["mean"] = "mean"
    normalized: Literal[True] = Field(default=True)


def describe_service(settings: Settings) -> Info:
    """What /info says."""
    return Info(
        max_inputs=settings.max_inputs,
        max_characters=settings.max_characters,
        max_body=settings.max_body,
    )


def openai_document(tokens: Sequence[Tokens], vectors: Vectors, encoding: str) -> dict[str, Any]:
    """An OpenAiAnswer, not yet JSON: the vectors are arrays still, which pydantic would copy number by number."""
    used = sum(len(text.ids) for text in tokens)
    return {
        "object": "list",
        "model": NAME,
        "data": [
            {
                "object": "embedding",
                "index": index,
                "embedding": vector if encoding == "float" else _base64(vector),
            }
            for index, vector in enumerate(vectors)
        ],
        "usage": {"prompt_tokens": used, "total_tokens": used},
    }


def to_json(document: object) -> Response:
    """The response; arrays of numpy become lists."""
    body = orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)
    return Response(body, content_type="application/json")


def _base64(vector: Vectors) -> str:
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()
