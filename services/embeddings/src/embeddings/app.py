"""The Flask application: /embed, /v1/embeddings, /info."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Flask, Response, request
from garrison_kit import health, wsgi
from garrison_kit.gate import requires
from garrison_kit.options import Options
from garrison_kit.problems import HttpProblemError

from embeddings import __version__
from embeddings.batcher import Vectors
from embeddings.bodies import EmbedBody, OpenAiBody, check_model, parse, texts_of
from embeddings.engine import Engine
from embeddings.metrics import EngineMetrics
from embeddings.model import DIMENSIONS, MAX_TOKENS, NAME, Tokens
from embeddings.settings import Settings

SERVICE = "embeddings"
SERVICE_KEY = "embeddings_key"


@dataclass(frozen=True, kw_only=True)
class Application:
    """The parts that whoever serves it must reach."""

    flask: Flask
    engine: Engine


def create(settings: Settings) -> Application:
    """The application, its model not loaded yet. Raises ClientsError or SecretError without usable keys."""
    flask = Flask(__name__, static_folder=None)
    late: dict[str, Engine] = {}
    model_check = health.Check(name="model", run=lambda: late["engine"].check())
    installed = wsgi.install(
        flask,
        Options(
            service=SERVICE,
            version=__version__,
            clients_file=settings.clients_file,
            secrets_dir=settings.secrets_dir,
            service_key_secret=SERVICE_KEY,
            max_body=settings.max_body,
            checks=(model_check,),
        ),
    )
    engine = late["engine"] = Engine(settings, EngineMetrics(installed.metrics.registry))
    _add_routes(flask, settings, engine)
    return Application(flask=flask, engine=engine)


def _add_routes(flask: Flask, settings: Settings, engine: Engine) -> None:
    def embed_texts(given: str | list[str], truncate: bool) -> tuple[list[Tokens], Vectors]:
        texts = texts_of(given, max_inputs=settings.max_inputs, max_characters=settings.max_characters)
        tokens = engine.tokenize(texts)
        if not truncate:
            _refuse_long(tokens)
        return tokens, engine.embed(tokens)

    @flask.post("/embed")
    @requires("read")
    def embed() -> Response:
        body = parse(EmbedBody, request.get_data())
        return _json(embed_texts(body.inputs, body.truncate)[1])

    @flask.post("/v1/embeddings")
    @requires("read")
    def openai() -> Response:
        body = parse(OpenAiBody, request.get_data())
        check_model(body.model)
        tokens, vectors = embed_texts(body.input, truncate=True)
        return _json(_openai_document(tokens, vectors, body.encoding_format))

    @flask.get("/info")
    def info() -> Response:
        return _json(_describe(settings))


def _refuse_long(tokens: Sequence[Tokens]) -> None:
    for index, text in enumerate(tokens):
        if text.full_length > MAX_TOKENS:
            raise HttpProblemError(
                422,
                f"Input {index} has {text.full_length} tokens, more than {MAX_TOKENS}; allow truncation.",
            )


def _openai_document(tokens: Sequence[Tokens], vectors: Vectors, encoding: str) -> dict[str, Any]:
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


def _base64(vector: Vectors) -> str:
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()


def _describe(settings: Settings) -> dict[str, Any]:
    return {
        "model": NAME,
        "version": __version__,
        "dimensions": DIMENSIONS,
        "max_tokens": MAX_TOKENS,
        "max_inputs": settings.max_inputs,
        "max_characters": settings.max_characters,
        "max_body": settings.max_body,
        "pooling": "mean",
        "normalized": True,
    }


def _json(document: object) -> Response:
    body = orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)
    return Response(body, content_type="application/json")
