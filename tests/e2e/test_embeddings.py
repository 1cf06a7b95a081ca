"""Embeddings, through the door, in both dialects."""

import base64
import math
import struct

import httpx
import pytest

from tests.e2e.library import good

DIMENSIONS = 384
CAT = "A cat sleeps on the sofa."
KITTEN = "A kitten is napping on the couch."
TAX = "The tax office wants the form by Friday."
Vector = list[float]


def embed(client: httpx.Client, *texts: str) -> list[Vector]:
    answer = client.post("/embeddings/embed", json={"inputs": list(texts)})
    assert answer.is_success, answer.text
    found: list[Vector] = answer.json()
    return found


def ask_openai(client: httpx.Client, texts: list[str], **wanted: str) -> list[dict[str, object]]:
    body = {"input": texts, "model": "all-MiniLM-L6-v2", **wanted}
    answer = good(client.post("/embeddings/v1/embeddings", json=body))
    assert answer["usage"]["total_tokens"] > 0
    found: list[dict[str, object]] = answer["data"]
    return found


def dot(one: Vector, other: Vector) -> float:
    return math.fsum(a * b for a, b in zip(one, other, strict=True))


def test_a_text_has_384_values_of_length_1(client: httpx.Client) -> None:
    for vector in embed(client, CAT, TAX):
        assert len(vector) == DIMENSIONS
        assert dot(vector, vector) == pytest.approx(1, abs=1e-5)


def test_texts_that_mean_the_same_are_nearer_than_others(client: httpx.Client) -> None:
    cat, kitten, tax = embed(client, CAT, KITTEN, TAX)
    assert dot(cat, kitten) > dot(cat, tax) + 0.3


def test_both_dialects_give_the_same_vectors_in_the_order_asked_for(client: httpx.Client) -> None:
    rows = ask_openai(client, [CAT, TAX])
    assert [row["index"] for row in rows] == [0, 1]
    for row, vector in zip(rows, embed(client, CAT, TAX), strict=True):
        assert row["embedding"] == pytest.approx(vector, abs=1e-5)


def test_base64_holds_the_same_values(client: httpx.Client) -> None:
    (row,) = ask_openai(client, [CAT], encoding_format="base64")
    values = struct.unpack(f"<{DIMENSIONS}f", base64.b64decode(str(row["embedding"])))
    assert list(values) == pytest.approx(embed(client, CAT)[0], abs=1e-5)


def test_aidb_embeds_with_the_same_model(client: httpx.Client) -> None:
    answer = good(client.post("/aidb/vector/embed", json={"texts": [CAT]}))
    assert answer["dimension"] == DIMENSIONS
    assert answer["embeddings"][0] == pytest.approx(embed(client, CAT)[0], abs=1e-5)
