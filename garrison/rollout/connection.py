"""What a connection of pyinfra's lacks: no waiting for delayed acknowledgements, on a dead link or at a prompt."""

import socket
from typing import Any, Never

from pyinfra.api.host import Host
from pyinfra.connectors import util

from garrison.problem import Problem, ProblemError

_OPTIONS = (
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),  # without it each command costs 44 ms more
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 10),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4),
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 30_000),
)


def tune(host: Host) -> None:
    """Set the options on the host's socket, where it has one (a jump host's channel has none).

    From then on sudo that asks for a password raises ProblemError: pyinfra would wait for somebody to type it.
    """
    setattr(util, "getpass", _refuse)  # noqa: B010 - it isn't pyinfra's to export
    connector: Any = host.connector
    client = getattr(connector, "client", None)
    link = client.get_transport().sock if client else None
    if isinstance(link, socket.socket):
        for level, option, value in _OPTIONS:
            link.setsockopt(level, option, value)


def _refuse(_prompt: str) -> Never:
    raise ProblemError(
        [
            Problem(
                where="sudo on the host",
                id="preflight.sudo",
                what="it asks the SSH user for a password, or doesn't know that user.",
                remedy="Allow it without one: USER ALL=(ALL) NOPASSWD: ALL, in /etc/sudoers.d/.",
            )
        ]
    )
