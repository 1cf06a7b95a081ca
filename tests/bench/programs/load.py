"""Asks one URL as fast as it answers, over connections kept alive: ``load.py PORT PATH KEY CONNECTIONS REQUESTS``.

Prints the seconds it took. Every answer has to be a 200; requests are written out before, so that little but the server
takes time.
"""

import asyncio
import sys
import time

PORT, CONNECTIONS, REQUESTS = int(sys.argv[1]), int(sys.argv[4]), int(sys.argv[5])
HEAD = (
    f"GET {sys.argv[2]} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nX-API-Key: {sys.argv[3]}\r\nAccept: */*\r\n\r\n"
)


class Asker(asyncio.Protocol):
    """One connection: the next request goes out when the answer to the last is whole."""

    def __init__(self, share: int, done: asyncio.Future[None]) -> None:
        self.left, self.done, self.buffer = share, done, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        self.transport.write(HEAD.encode())

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found or len(body) < self.length(head):
            return
        if b" 200 " not in head[:15]:
            self.fail(self.buffer[:400])
            return
        self.buffer, self.left = b"", self.left - 1
        if self.left:
            self.ask()
        else:
            self.transport.close()
            self.done.set_result(None)

    def connection_lost(self, _: Exception | None) -> None:
        if not self.done.done():
            self.fail(b"the server has closed the connection")

    def fail(self, said: bytes) -> None:
        self.done.set_exception(RuntimeError(said.decode(errors="replace")))

    @staticmethod
    def length(head: bytes) -> int:
        at = head.lower().index(b"content-length:") + 15
        return int(head[at:].split(b"\r\n", 1)[0])


async def main() -> None:
    loop = asyncio.get_running_loop()
    ends = [loop.create_future() for _ in range(CONNECTIONS)]
    began = time.perf_counter()
    for end in ends:
        await loop.create_connection(lambda end=end: Asker(REQUESTS // CONNECTIONS, end), "127.0.0.1", PORT)
    await asyncio.gather(*ends)
    print(time.perf_counter() - began)  # noqa: T201 - the result


asyncio.run(main())
