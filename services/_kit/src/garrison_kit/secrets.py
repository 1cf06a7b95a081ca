"""Secrets come from files that the host mounts, and never from the environment."""

from pathlib import Path

SECRETS = Path("/run/secrets")


class SecretError(RuntimeError):
    """A secret cannot be had; the message names the file and never the value."""


def read_secret(name: str, directory: Path | str = SECRETS) -> str:
    """The value of the secret ``name``, without the white space around it.

    Raises SecretError, naming the file, when it is missing, unreadable, empty or not text.
    """
    path = Path(directory) / name
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise SecretError(f"secret file {path} cannot be read: {reason}") from error
    if not value:
        raise SecretError(f"secret file {path} is empty")
    return value
