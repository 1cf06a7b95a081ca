"""Which TCP ports let a connection in and which UDP ports say anything, for every port asked; prints JSON.

Arguments: an address, tcp or udp, the first port and the last. Runs on another machine than the one it scans.
Silent is what gave no answer within the wait: that is what a firewall that drops looks like.
"""

import contextlib
import errno
import json
import resource
import select
import socket
import sys
import time

address, protocol, first, last = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
BATCH, WAIT = 4000, 1.5
FAMILY = socket.AF_INET6 if ":" in address else socket.AF_INET
KIND = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
REFUSED = (errno.ECONNREFUSED, errno.ECONNRESET)


def begin(port: int) -> socket.socket:
    """A socket on its way to one port."""
    link = socket.socket(FAMILY, KIND)
    link.setblocking(False)
    link.connect_ex((address, port))
    if protocol == "udp":
        with contextlib.suppress(OSError):  # it is asked for its error later
            link.send(b"\n")
    return link


def judge(link: socket.socket) -> str:
    """What an event on a socket says."""
    error = link.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if error in REFUSED:
        return "refused"
    if error:
        return "silent"
    if protocol == "tcp":
        return "open"
    try:
        link.recv(2048)
    except ConnectionRefusedError:
        return "refused"
    except OSError:
        return "silent"
    return "open"


def scan(ports: list[int]) -> dict[int, str]:
    """One batch: what became of each port before the wait was over."""
    poll, links = select.epoll(), {}
    for port in ports:
        link = begin(port)
        links[link.fileno()] = (port, link)
        poll.register(
            link.fileno(), select.EPOLLOUT | select.EPOLLIN if protocol == "tcp" else select.EPOLLIN
        )
    found = dict.fromkeys(ports, "silent")
    waiting, end = set(links), time.monotonic() + WAIT
    while waiting and (left := end - time.monotonic()) > 0:
        for number, _ in poll.poll(left):
            port, link = links[number]
            found[port] = judge(link)
            poll.unregister(number)
            waiting.discard(number)
    for _, link in links.values():
        link.close()
    return found


_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
BATCH = min(BATCH, hard - 100)
found: dict[int, str] = {}
for start in range(first, last + 1, BATCH):
    found |= scan(list(range(start, min(start + BATCH, last + 1))))
kinds = {
    kind: sorted(port for port, each in found.items() if each == kind)
    for kind in ("open", "refused", "silent")
}
json.dump(
    {"open": kinds["open"], "refused": len(kinds["refused"]), "silent": len(kinds["silent"])}, sys.stdout
)
