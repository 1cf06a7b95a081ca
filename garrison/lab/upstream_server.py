"""Serves the files of one folder over a socket that the lab has opened; standard library only, a process of its own.

Arguments: the socket's descriptor, the network whose hosts may ask, the folder, and the control groups to join.
"""

import os
import socket
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path


class _Files(SimpleHTTPRequestHandler):
    def list_directory(self, path: object) -> BytesIO | None:
        """A folder is nothing to get."""
        del path
        self.send_error(404)
        return None

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


class _Server(ThreadingHTTPServer):
    network: IPv4Network

    def verify_request(self, request: object, client_address: tuple[str, int]) -> bool:
        """The lab's hosts, and not this machine itself, whose address is in their network too."""
        del request
        client = IPv4Address(client_address[0])
        return client in self.network and str(client) != self.server_address[0]


def main(descriptor: str, network: str, folder: str, *groups: str) -> None:
    """Serve until killed."""
    for group in groups:
        (Path(group) / "cgroup.procs").write_text("0")
    os.chdir("/")
    listener = socket.socket(fileno=int(descriptor))
    server = _Server(listener.getsockname()[:2], partial(_Files, directory=folder), bind_and_activate=False)
    server.network = IPv4Network(network)
    server.socket.close()
    server.socket = listener
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
