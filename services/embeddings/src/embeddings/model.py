"""all-MiniLM-L6-v2 on ONNX Runtime: verified files, token ids, unit vectors."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

NAME = "all-MiniLM-L6-v2"
DIMENSIONS = 384
MAX_TOKENS = 256
# Far above rounding between processors (1e-5), far below what a wrong weight or tokenizer gives.
SELF_CHECK_COSINE = 0.999

Vectors = NDArray[np.float32]


class ModelError(RuntimeError):
    """The model's files are not the known ones, or it doesn't compute what it should."""


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """One text as the model sees it; ``full_length`` counts what there was before it was cut."""

    ids: tuple[int, ...]
    full_length: int


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the build recorded: each file's digest, and a text with its vector."""

    digests: dict[str, str]
    text: str
    vector: Vectors


def read_known() -> Known:
    """The records that lie beside this module."""
    here = files("embeddings")
    raw = json.loads(here.joinpath("known.json").read_text(encoding="utf-8"))
    lines = here.joinpath("model.sha256").read_text(encoding="utf-8").splitlines()
    return Known(
        digests={name: digest for digest, name in (line.split() for line in lines)},
        text=raw["self_check"]["text"],
        vector=np.asarray(raw["self_check"]["vector"], dtype=np.float32),
    )


def verify_files(directory: Path, digests: dict[str, str]) -> None:
    """Raise ModelError, naming the file, unless each file of ``directory`` has its known SHA-256."""
    for name, wanted in digests.items():
        path = directory / name
        try:
            with path.open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise ModelError(f"model file {path} cannot be read: {error.strerror}") from error
        if found != wanted:
            raise ModelError(f"model file {path} has sha256 {found}, not {wanted}: rebuild the image")


class Model:
    """The loaded model; ``tokenize`` may run in many threads, ``embed`` uses the threads it was given."""

    def __init__(self, directory: Path, threads: int) -> None:
        """Verify and load the files. Raises ModelError."""
        # Not at the top: importing it starts a thread, which a server that forks later would lose and abort for.
        import onnxruntime

        self.known = read_known()
        verify_files(directory, self.known.digests)
        # Truncation is ours, so that the length before it is known.
        self._tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Idle threads must sleep: spinning would eat the cores that parse and write JSON.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            str(directory / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )

    def tokenize(self, texts: Sequence[str]) -> list[Tokens]:
        """Each text's token ids, cut to ``MAX_TOKENS`` with its end mark kept."""
        tokens = []
        for encoding in self._tokenizer.encode_batch_fast(list(texts)):
            ids = encoding.ids
            cut = ids if len(ids) <= MAX_TOKENS else [*ids[: MAX_TOKENS - 1], ids[-1]]
            tokens.append(Tokens(ids=tuple(cut), full_length=len(ids)))
        return tokens

    def embed(self, batch: Sequence[Tokens]) -> Vectors:
        """One unit vector a text, in the batch's order."""
        longest = max(len(tokens.ids) for tokens in batch)
        ids = np.zeros((len(batch), longest), dtype=np.int32)
        mask = np.zeros((len(batch), longest), dtype=np.int32)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens.ids)] = tokens.ids
            mask[row, : len(tokens.ids)] = 1
        return cast(Vectors, self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0])

    def self_check(self) -> None:
        """Raise ModelError unless the known text gets its known vector."""
        vector = self.embed(self.tokenize([self.known.text]))[0]
        cosine = float(vector @ self.known.vector)
        if not cosine >= SELF_CHECK_COSINE:
            raise ModelError(
                f"self-check: cosine {cosine:.4f} with the known vector, wanted {SELF_CHECK_COSINE}"
            )
