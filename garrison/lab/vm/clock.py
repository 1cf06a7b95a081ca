"""A time server for the one machine, with this machine's clock: ``python -m garrison.lab.vm.clock PROCESS STARTED``.

QEMU forwards what its guest sends to the gateway to the loopback here, and a lab can't count on time servers outside.
It ends with the emulator.
"""

import errno
import socket
import struct
import sys
import time
from typing import Final

from garrison.lab.vm.argv import LOOPBACK
from garrison.lab.vm.state import start_of

PORT: Final = 123  # systemd-timesyncd asks at no other
_PACKET: Final = struct.Struct("!BBbb11I")
_SERVER: Final = 4
_SINCE_1900: Final = 2208988800
_LOOK_S: Final = 5.0


def answer(question: bytes, now: float) -> bytes | None:
    """Return the answer of SNTP (RFC 5905) to ``question``; None where that is none."""
    if len(question) < _PACKET.size:
        return None
    version = question[0] >> 3 & 7
    stamp = (int(now) + _SINCE_1900) & 0xFFFFFFFF, int(now % 1 * 2**32)
    sent = struct.unpack_from("!2I", question, 40)
    name = int.from_bytes(b"LOCL", "big")
    return _PACKET.pack(version << 3 | _SERVER, 1, 4, -20, 0, 0, name, *stamp, *sent, *stamp, *stamp)


def serve(process: int, started: int) -> None:
    """Answer until the emulator is gone; where something else serves time at that port, leave it to that."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        try:
            server.bind((LOOPBACK, PORT))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return
            raise
        server.settimeout(_LOOK_S)
        while start_of(process) == started:
            try:
                question, asker = server.recvfrom(1024)
            except TimeoutError:
                continue
            if reply := answer(question, time.time()):
                server.sendto(reply, asker)


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]))
