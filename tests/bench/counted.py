"""Runs a console script and counts its SSH sessions: ``python -m tests.bench.counted FILE garrison deploy …``.

Every command, shell or file transfer over an SSH connection needs a channel of its own, so the channels that
paramiko opens are the round trips that the program waits for.
"""

import json
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any


def main() -> None:
    """Write the number of channels to FILE, whatever way the program ends."""
    file, program, *arguments = sys.argv[1:]
    (script,) = entry_points(group="console_scripts", name=program)
    run = script.load()  # patches the standard library by gevent; paramiko has to come after it
    import paramiko

    opened: list[str] = []
    original = paramiko.Transport.open_channel

    def open_channel(self: paramiko.Transport, kind: str, *words: Any, **options: Any) -> paramiko.Channel:
        opened.append(kind)
        return original(self, kind, *words, **options)

    setattr(paramiko.Transport, "open_channel", open_channel)  # noqa: B010 - mypy allows no plain assignment
    sys.argv = [program, *arguments]
    try:
        run()
    finally:
        Path(file).write_text(json.dumps(opened), encoding="utf-8")


if __name__ == "__main__":
    main()
