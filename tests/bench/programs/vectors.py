"""Many vectors like those of real texts, and their way into pgvector without text in between."""

from collections.abc import Iterator
from struct import pack

import numpy as np

Matrix = np.ndarray[tuple[int, int], np.dtype[np.float32]]
_APART, _NOISE = 0.5, 0.25


def spread(real: Matrix, count: int, seed: int = 7) -> Matrix:
    """``count`` unit vectors around real ones.

    Each is a real one, moved along the difference of two others (so that it varies as texts vary) and by a little
    noise in all directions.
    """
    dice = np.random.default_rng(seed)
    centre, plus, minus = (real[dice.integers(len(real), size=count)] for _ in range(3))
    noise = dice.standard_normal((count, real.shape[1]), dtype=np.float32) / np.sqrt(real.shape[1])
    made = centre + _APART * (plus - minus) + _NOISE * noise
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


def binary_rows(rows: Iterator[tuple[bytes, ...]]) -> Iterator[bytes]:
    """Rows as ``COPY … (FORMAT BINARY)`` takes them."""
    yield b"PGCOPY\n\xff\r\n\0" + pack("!ii", 0, 0)
    for row in rows:
        yield pack("!h", len(row)) + b"".join(pack("!i", len(field)) + field for field in row)
    yield pack("!h", -1)


def as_field(vector: np.ndarray[tuple[int], np.dtype[np.float32]]) -> bytes:
    """pgvector's binary form."""
    return pack("!hh", len(vector), 0) + vector.astype(">f4").tobytes()
