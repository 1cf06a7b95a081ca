"""Payload indexes: which kinds there are, and how a collection tells of them."""

from typing import Any

import qdrant_edge as edge

from qdrant_stand_in.errors import FormatError, NotServedError
from qdrant_stand_in.reading import Body, mapping, required, text

_KINDS = {
    "keyword": edge.PayloadSchemaType.Keyword,
    "integer": edge.PayloadSchemaType.Integer,
    "float": edge.PayloadSchemaType.Float,
    "geo": edge.PayloadSchemaType.Geo,
    "text": edge.PayloadSchemaType.Text,
    "bool": edge.PayloadSchemaType.Bool,
    "datetime": edge.PayloadSchemaType.Datetime,
    "uuid": edge.PayloadSchemaType.Uuid,
}
_NAMES = {str(kind): name for name, kind in _KINDS.items()}
_TOKENIZERS = {
    "prefix": edge.TokenizerType.Prefix,
    "whitespace": edge.TokenizerType.Whitespace,
    "word": edge.TokenizerType.Word,
    "multilingual": edge.TokenizerType.Multilingual,
}
# Of an index's parameters only a text index's change what is found; the others say where it lies.
_OF_TEXT = ("min_token_len", "max_token_len", "lowercase", "ascii_folding", "phrase_matching")


def create(body: Body) -> edge.UpdateOperation:
    """The operation that makes the index a request asks for. Raises QdrantError."""
    name = text(required(body, "field_name"), "field_name")
    schema = body.get("field_schema")
    said = {"type": schema} if isinstance(schema, str) else mapping(schema, "field_schema")
    kind = required(said, "type")
    if kind not in _KINDS:
        raise FormatError(f"unknown variant `{kind}`, expected one of {', '.join(_KINDS)}")
    if kind == "text":
        return edge.UpdateOperation.create_field_index(name, _text(said))
    return edge.UpdateOperation.create_field_index(name, _KINDS[kind])


def delete(name: str) -> edge.UpdateOperation:
    """The operation that drops the index of a field."""
    return edge.UpdateOperation.delete_field_index(name)


def show(schema: "dict[str, edge.PayloadIndexInfo]") -> dict[str, Any]:
    """The indexes of a collection as JSON has them."""
    return {
        name: {"data_type": _NAMES[str(index.data_type)], "points": index.points}
        for name, index in schema.items()
    }


def _text(said: Body) -> edge.TextIndexParams:
    for key in ("stopwords", "stemmer"):
        if said.get(key) is not None:
            raise NotServedError(f"{key!r} of a text index")
    tokenizer = said.get("tokenizer")
    if tokenizer is not None and tokenizer not in _TOKENIZERS:
        raise FormatError(f"unknown variant `{tokenizer}`, expected one of {', '.join(_TOKENIZERS)}")
    given = {key: said[key] for key in _OF_TEXT if said.get(key) is not None}
    return edge.TextIndexParams(tokenizer=_TOKENIZERS[tokenizer] if tokenizer else None, **given)
