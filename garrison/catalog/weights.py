"""What a service's image has in /models: the digest of every file, from the list that its build checks too."""

import re
from pathlib import Path

FOLDER = "/models"
_LINE = re.compile(r"(?P<digest>[0-9a-f]{64})  (?P<name>[A-Za-z0-9._][A-Za-z0-9._/-]*)")


def read_weights(path: Path) -> dict[str, str]:
    """SHA-256 by the name below ``FOLDER``, from a file in the form of ``sha256sum``.

    Raises OSError when it can't be read, ValueError naming the line that says something else.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        match = _LINE.fullmatch(line)
        if match is None or ".." in match["name"].split("/") or match["name"] in found:
            raise ValueError(f"line {number} is not a digest, two spaces and a name of its own")
        found[match["name"]] = match["digest"]
    if not found:
        raise ValueError("it names no file")
    return found
