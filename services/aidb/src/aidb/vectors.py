"""pgvector's side of the agreed embedding: how a column of vectors is stored, and whether all sides agree."""

from garrison_kit.embedding import Expected
from garrison_kit.health import NotReadyError

LARGEST_DIMENSION = 2000
"""What an HNSW index of pgvector takes."""
_LARGEST_INLINE = 1000


def storage_of(dimension: int) -> str:
    """PLAIN (in the row) where two vectors fit a page of 8 KiB, else EXTERNAL."""
    return "PLAIN" if dimension <= _LARGEST_INLINE else "EXTERNAL"


def require_agreement(expected: Expected, column: int, model: str, dimension: int) -> None:
    """Compare the catalog, the column and what embeddings says of itself.

    Raises NotReadyError with a sentence that names all three when any differs.
    """
    if (model, dimension, column) == (expected.model, expected.dimension, expected.dimension):
        return
    raise NotReadyError(
        f"the catalog expects {expected.model} with vectors of {expected.dimension} numbers, "
        f"embeddings serves {model[:100]} with {dimension}, the database holds vectors of {column}"
    )
