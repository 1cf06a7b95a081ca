"""The one question that a run asks each host."""

import json
from typing import Any

from pydantic import ValidationError
from pyinfra.api import FactBase, QuoteString, StringCommand
from pyinfra.api.exceptions import FactProcessError

from garrison.snapshot.model import Snapshot


class HostSnapshot(FactBase[Snapshot | None]):
    """What is on the host now. Give the collector as ``_stdin=pack()``: nothing is uploaded.

    None, which is never taken for an empty host, when python3 is absent or the collector failed.
    """

    @staticmethod
    def default() -> None:
        """No answer."""

    def requires_command(self, *_args: Any, **_kwargs: Any) -> str:
        return "python3"

    def command(self, want: str) -> StringCommand:
        return StringCommand("python3", "-I", "-", QuoteString(want))

    def process(self, output: list[str]) -> Snapshot:
        try:
            return Snapshot.parse(json.loads("\n".join(output)))
        except (ValueError, ValidationError) as error:
            raise FactProcessError(f"the collector's answer can't be read: {error}") from error
