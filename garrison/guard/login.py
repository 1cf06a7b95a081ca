"""A new login to a host of a run, made from the same inventory data as the run's own connection."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from paramiko import SSHException
from pyinfra.api.host import Host
from pyinfra.connectors.sshuserclient import SSHClient

PATIENCE = 10
_LOG = "garrison.login"  # paramiko would print tracebacks of what LoginError says in words
_TIMEOUTS = {"timeout": PATIENCE, "banner_timeout": PATIENCE, "auth_timeout": PATIENCE}

logging.getLogger(_LOG).addHandler(logging.NullHandler())
logging.getLogger(_LOG).propagate = False


class LoginError(Exception):
    """A new login, or the command in it, failed; the text is what was said."""


@dataclass(frozen=True)
class Login:
    """A connection of its own, which nothing else of the run uses; ``patience`` is for each answer, in seconds."""

    client: SSHClient
    patience: float = PATIENCE

    def run(self, line: str) -> str:
        """Standard output of a shell line. Raises LoginError with what it said when it fails or hangs."""
        try:
            _, stdout, stderr = self.client.exec_command(line, timeout=self.patience)
            out, said = stdout.read().decode(), stderr.read().decode().strip()
            code = stdout.channel.recv_exit_status()
        except (OSError, EOFError, SSHException) as error:
            raise LoginError(f"the new connection broke: {_words(error)}") from error
        if code:
            raise LoginError(said or f"`{line}` ended with {code}")
        return str(out)


@contextmanager
def new_login(host: Host) -> Iterator[Login]:
    """Log in anew, as patiently as the inventory's ``ssh_paramiko_connect_kwargs`` say.

    Raises LoginError with what the host, or the network, said.
    """
    connector: Any = host.connector
    given = connector.make_paramiko_kwargs()
    hostname = given.pop("hostname")
    client = SSHClient()
    client.set_log_channel(_LOG)
    chosen = given.get("_pyinfra_ssh_paramiko_connect_kwargs") or {}  # pyinfra's client puts these on top
    try:
        client.connect(hostname, **{**_TIMEOUTS, **given})
    except (OSError, EOFError, SSHException) as error:
        client.close()
        raise LoginError(_words(error)) from error
    try:
        yield Login(client, chosen.get("timeout", PATIENCE))
    finally:
        client.close()


def _words(error: BaseException) -> str:
    return str(error).rstrip(".") or type(error).__name__
