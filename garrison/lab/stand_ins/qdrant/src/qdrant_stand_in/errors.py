"""Errors as Qdrant answers them: a status code, and ``{"status": {"error": …}}``."""


class QdrantError(Exception):
    """What a request did wrong, with the status code that Qdrant gives it."""

    status = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class FormatError(QdrantError):
    """The body is no JSON, or not of the form that this request has."""

    def __init__(self, what: str) -> None:
        super().__init__(f"Format error in JSON body: {what}")


class InputError(QdrantError):
    """The form is right; what it asks for can't be done."""

    def __init__(self, what: str) -> None:
        super().__init__(f"Wrong input: {what}")


class ValidationError(QdrantError):
    """A value is out of its range."""

    status = 422

    def __init__(self, what: str) -> None:
        super().__init__(f"Validation error in JSON body: [{what}]")


class NotFoundError(QdrantError):
    """A collection, an alias or a point isn't there."""

    status = 404

    def __init__(self, what: str) -> None:
        super().__init__(f"Not found: {what}")


class ConflictError(QdrantError):
    """Something of that name is there already."""

    status = 409

    def __init__(self, what: str) -> None:
        super().__init__(f"Wrong input: {what}")


class TooLargeError(QdrantError):
    """The body is larger than the server takes."""

    status = 413


class NotServedError(QdrantError):
    """Qdrant has this and the stand-in doesn't; it says so rather than answer something else."""

    status = 501

    def __init__(self, what: str) -> None:
        super().__init__(f"the stand-in of Garrison's lab doesn't serve {what}; Qdrant itself does")


def of_engine(error: Exception) -> QdrantError:
    """What the engine says as an error of the API."""
    said = str(error)
    if said.startswith("No point with id"):
        return NotFoundError(f"{said} found")
    if said.startswith("Service runtime error"):
        internal = QdrantError(said)
        internal.status = 500
        return internal
    return InputError(said)
