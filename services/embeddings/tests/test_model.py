"""The real model: the published vectors, the right order of meanings, the same vector in any batch."""

from pathlib import Path

import numpy as np
import pytest

from embeddings.model import DIMENSIONS, MAX_TOKENS, Model, ModelError, read_known, verify_files

# Published with the original model for "This is an example sentence".
PUBLISHED = [0.0676569, 0.0634959, 0.0487131, 0.0793049]

# question, the text that answers it, one that only shares its words
TRIPLES = [
    (
        "How do I renew a certificate?",
        "TLS certs are replaced before they expire.",
        "A certificate of merit was given to the best dancer.",
    ),
    ("The cat sits on the mat.", "A kitten rests on a rug.", "The bat flies over the mast."),
    (
        "restart a failed service",
        "systemctl restart brings a dead unit back",
        "room service failed to bring dinner",
    ),
    ("free disk space", "remove old files to regain storage", "free tickets to outer space"),
]
TEXTS = [
    "a",
    "Each sentence is converted",
    "naïve café 東京 🙂",
    "word " * 60,
    "long " * 900,
    "\t\n punctuation!?",
]


def embed(model: Model, texts: list[str]) -> np.ndarray:
    return model.embed(model.tokenize(texts))


def test_the_vector_is_the_published_one(model: Model) -> None:
    (vector,) = embed(model, ["This is an example sentence"])
    assert vector[:4] == pytest.approx(PUBLISHED, abs=1e-5)


def test_vectors_are_of_unit_length(model: Model) -> None:
    vectors = embed(model, TEXTS)
    assert vectors.shape == (len(TEXTS), DIMENSIONS)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(("question", "right", "wrong"), TRIPLES)
def test_meaning_beats_shared_words(model: Model, question: str, right: str, wrong: str) -> None:
    asked, good, bad = embed(model, [question, right, wrong])
    assert asked @ good > asked @ bad


def test_the_same_text_gets_the_same_bits(model: Model) -> None:
    assert np.array_equal(embed(model, TEXTS), embed(model, TEXTS))


def test_a_text_gets_the_same_vector_alone_and_in_a_batch(model: Model) -> None:
    together = embed(model, TEXTS)
    for text, vector in zip(TEXTS, together, strict=True):
        assert embed(model, [text])[0] == pytest.approx(vector, abs=2e-6)


def test_long_texts_are_cut_at_the_models_length_and_counted_in_full(model: Model) -> None:
    (tokens,) = model.tokenize(["word " * 1000])
    assert (len(tokens.ids), tokens.full_length) == (MAX_TOKENS, 1002)
    assert tokens.ids[-1] == model.tokenize(["a"])[0].ids[-1]


def test_the_self_check_passes_and_fails_for_another_direction(model: Model) -> None:
    model.self_check()
    known = model.known
    model.known = type(known)(digests=known.digests, text=known.text, vector=np.roll(known.vector, 1))
    try:
        with pytest.raises(ModelError, match="self-check: cosine"):
            model.self_check()
    finally:
        model.known = known


def test_a_changed_file_is_refused_by_name(model_dir: Path, tmp_path: Path) -> None:
    content = bytearray((model_dir / "model.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "model.onnx").write_bytes(content)
    with pytest.raises(ModelError, match=r"model\.onnx has sha256 .* rebuild the image"):
        verify_files(tmp_path, {"model.onnx": read_known().digests["model.onnx"]})


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"model\.onnx cannot be read"):
        Model(tmp_path, threads=1)
