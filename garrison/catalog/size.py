"""Sizes as a service's file writes them."""

import re
from typing import Annotated

from pydantic import AfterValidator

_SIZE = re.compile(r"^(\d+)([KMG])$")


def parse_size(text: str) -> int:
    """Bytes in a size such as ``16M``. Units are powers of 1024, as in Podman and nginx.

    Raises ValueError for anything else.
    """
    match = _SIZE.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is not a size; write a whole number and K, M or G, for instance 512M")
    factor: int = 1024 ** " KMG".index(match[2])
    return int(match[1]) * factor


def _size(text: str) -> str:
    parse_size(text)
    return text


Size = Annotated[str, AfterValidator(_size)]
