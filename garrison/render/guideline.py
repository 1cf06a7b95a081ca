"""Mozilla's guideline for TLS on servers, intermediate, as data: the door is rendered from it and judged by it.

The file has the fields of Mozilla's own (``href``) by their names; a new version is that file's values and its number.
"""

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict

_FILE = Path(__file__).with_name("mozilla-intermediate.json")


class Guideline(BaseModel):
    """What the guideline says of versions, suites, groups, keys and certificates."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    href: str
    configuration: str
    certificate_curves: tuple[str, ...]
    certificate_types: tuple[str, ...]
    ciphers: tuple[str, ...]
    ciphersuites: tuple[str, ...]
    hsts_min_age: int
    maximum_certificate_lifespan: int
    recommended_certificate_lifespan: int
    rsa_key_size: int
    server_preferred_order: bool
    tls_curves: tuple[str, ...]
    tls_versions: tuple[str, ...]


GUIDELINE = Guideline.model_validate(json.loads(_FILE.read_text(encoding="utf-8")))
