"""How large a request body may be, whether its length is declared or it comes in chunks."""

from garrison_kit.problems import HttpProblemError


def too_large(limit: int) -> HttpProblemError:
    """The problem of a body over ``limit`` bytes."""
    return HttpProblemError(413, f"The body is larger than {limit} bytes.")


def refuse_declared_length(content_length: str | None, limit: int) -> None:
    """Raise HttpProblemError: 413 for a declared length over ``limit``, 400 for one that is no number."""
    if content_length is None or not content_length.strip():
        return
    text = content_length.strip()
    if not (text.isascii() and text.isdigit()):
        raise HttpProblemError(400, "Content-Length is not a whole number.", headers={"Connection": "close"})
    if len(text) > 18 or int(text) > limit:
        raise too_large(limit)


class BodyMeter:
    """Counts what arrives; for bodies that don't say how long they are."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._received = 0

    def add(self, size: int) -> None:
        """Count ``size`` more bytes. Raises HttpProblemError (413) once they are too many."""
        self._received += size
        if self._received > self._limit:
            raise too_large(self._limit)
