"""The programs that measure on the host itself, where no network is in between: piped there, nothing stays."""

import json
import shlex
from pathlib import Path
from typing import Any

from tests.compliance.live import LiveHost

FOLDER = Path(__file__).parent / "programs"


def read_program(name: str) -> str:
    """The text of a program."""
    return (FOLDER / f"{name}.py").read_text(encoding="utf-8")


def run_on(host: LiveHost, name: str, *arguments: str) -> Any:
    """What the program answers."""
    return json.loads(host.pipe(read_program(name), f"python3 -I - {shlex.join(arguments)}"))
