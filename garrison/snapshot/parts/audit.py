"""The kernel's audit, asked by its own socket: whether this host may use it doesn't hang on a package."""

import socket
import struct

from garrison.snapshot.parts.base import Record, run

_NETLINK_AUDIT = 9
_GET, _ERROR = 1000, 2
_REQUEST_AND_ACKNOWLEDGE = 1 | 4
_HEADER = struct.Struct("=IHHII")
_STATUS = struct.Struct("=7I")


def ask_kernel() -> Record | None:
    """The status that ``auditctl -s`` prints, or None where the kernel answers this host with a refusal."""
    question = _HEADER.pack(_HEADER.size, _GET, _REQUEST_AND_ACKNOWLEDGE, 1, 0)
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_AUDIT) as line:
            line.settimeout(2)
            line.sendto(question, (0, 0))
            return _hear(line)
    except OSError:
        return None


def _hear(line: socket.socket) -> Record | None:
    for _ in range(8):
        answer = line.recv(8192)
        kind = _HEADER.unpack_from(answer)[1]
        if kind == _GET:
            _, enabled, failure, _, _, backlog, _ = _STATUS.unpack_from(answer, _HEADER.size)
            return {"enabled": enabled, "failure": failure, "backlog_limit": backlog}
        if kind == _ERROR and struct.unpack_from("=i", answer, _HEADER.size)[0] != 0:
            return None
    return None


def audit() -> Record | None:
    """Status and rules; None where the kernel's audit isn't for this host."""
    status = ask_kernel()
    if status is None:
        return None
    lines = (run("auditctl", "-l") or "").splitlines()
    return {**status, "rules": [line.strip() for line in lines if line.startswith("-")]}
