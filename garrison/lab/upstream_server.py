"""Serves the files of one folder over a socket that the lab has opened; standard library only, a process of its own.

Arguments: the socket's descriptor, the folder, and the control groups to join.
"""

import socket
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path


class _Files(SimpleHTTPRequestHandler):
    def list_directory(self, path: object) -> BytesIO | None:
        """A folder is nothing to get."""
        del path
        self.send_error(404)
        return None

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


def main(descriptor: str, folder: str, *groups: str) -> None:
    """Serve until killed."""
    for group in groups:
        (Path(group) / "cgroup.procs").write_text("0")
    listener = socket.socket(fileno=int(descriptor))
    server = ThreadingHTTPServer(
        listener.getsockname()[:2], partial(_Files, directory=folder), bind_and_activate=False
    )
    server.socket.close()
    server.socket = listener
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
