"""Asks one URL as fast as it answers, over connections kept alive: ``load.py PORT CONNECTIONS REQUESTS``.

The request comes by standard input, as it goes over the wire; every answer has to be a 200. Prints the seconds it took.
Sockets and one epoll: asyncio would take as long as a quick server.
"""

import select
import socket
import sys
import time

PORT, CONNECTIONS, REQUESTS = map(int, sys.argv[1:])
REQUEST = sys.stdin.buffer.read()
links = {
    link.fileno(): link
    for link in (socket.create_connection(("127.0.0.1", PORT)) for _ in range(CONNECTIONS))
}
begun: dict[int, bytes] = dict.fromkeys(links, b"")
poll = select.epoll()
for number, link in links.items():
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    poll.register(number, select.EPOLLIN)


def is_whole(answer: bytes) -> bool:
    """Whether a buffer has all of an answer; ends the program for any but a 200."""
    head, found, body = answer.partition(b"\r\n\r\n")
    if not found:
        return False
    if b" 200 " not in head[:15]:
        sys.exit(answer[:600].decode(errors="replace"))
    at = head.lower().index(b"content-length:") + 15
    return len(body) >= int(head[at:].split(b"\r\n", 1)[0])


began = time.perf_counter()
for link in links.values():
    link.sendall(REQUEST)
sent, answered = CONNECTIONS, 0
while answered < REQUESTS:
    for number, _ in poll.poll(60):
        data = links[number].recv(65536)
        if not data:
            sys.exit("the server has closed a connection")
        begun[number] += data
        if is_whole(begun[number]):
            begun[number], answered = b"", answered + 1
            if sent < REQUESTS:
                links[number].sendall(REQUEST)
                sent += 1
print(time.perf_counter() - began)  # noqa: T201 - the result
