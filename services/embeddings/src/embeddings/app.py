"""The Flask application: /embed, /v1/embeddings, /info."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask, Response
from garrison_kit import health, wsgi
from garrison_kit.gate import requires
from garrison_kit.openapi import describe
from garrison_kit.options import Options
from garrison_kit.problems import HttpProblemError

from embeddings import __version__
from embeddings.answers import EmbedAnswer, Info, OpenAiAnswer, describe_service, openai_document, to_json
from embeddings.batcher import Vectors
from embeddings.bodies import EmbedBody, OpenAiBody, check_model, texts_of
from embeddings.engine import Engine
from embeddings.metrics import EngineMetrics
from embeddings.model import MAX_TOKENS, Tokens
from embeddings.settings import Settings

SERVICE = "embeddings"
# The queue's own deadline comes first and says more; this one is for whatever else may hang.
_SLACK_SECONDS = 5.0


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
            max_body=settings.max_body,
            max_seconds=settings.deadline_seconds + _SLACK_SECONDS,
            max_concurrent=settings.max_concurrent,
            rate=settings.rate,
            burst=settings.burst,
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
    @describe(summary="Vectors of texts, as TEI has it", body=EmbedBody, answer=EmbedAnswer)
    def embed() -> Response:
        body: EmbedBody = wsgi.body()
        return to_json(embed_texts(body.inputs, body.truncate)[1])

    @flask.post("/v1/embeddings")
    @requires("read")
    @describe(summary="Vectors of texts, as OpenAI has it", body=OpenAiBody, answer=OpenAiAnswer)
    def openai() -> Response:
        body: OpenAiBody = wsgi.body()
        check_model(body.model)
        tokens, vectors = embed_texts(body.input, truncate=True)
        return to_json(openai_document(tokens, vectors, body.encoding_format))

    @flask.get("/info")
    @describe(summary="The loaded model and the limits of a request", answer=Info)
    def info() -> Response:
        engine.require()
        return to_json(describe_service(settings).model_dump())


def _refuse_long(tokens: Sequence[Tokens]) -> None:
    for index, text in enumerate(tokens):
        if text.full_length > MAX_TOKENS:
            raise HttpProblemError(
                422,
                f"Input {index} has {text.full_length} tokens, more than {MAX_TOKENS}; allow truncation.",
            )
