"""Asks the door again and again, and counts what went wrong; prints JSON when it is told to end, or after its time.

The argument is a JSON object: host, port, name, ca (PEM), path, key, source (own address), seconds, workers, pause
(seconds that a worker waits between requests), and kept: whether a connection is used more than once. A kept one
that the door closes before it has answered a byte is asked again on a new one, once, as every client of HTTP must
(RFC 9110, 9.2.2).
"""

import asyncio
import collections
import json
import ssl
import sys
import time

want = json.loads(sys.argv[1])
context = ssl.create_default_context(cadata=want["ca"])
answers: collections.Counter[str] = collections.Counter()
seconds: list[float] = []
REQUEST = (
    f"GET {want['path']} HTTP/1.1\r\nHost: {want['name']}:{want['port']}\r\n"
    f"X-API-Key: {want['key']}\r\nConnection: {'keep-alive' if want['kept'] else 'close'}\r\n\r\n"
).encode()
Link = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class ClosedEarlyError(Exception):
    """The door closed a connection that it had not answered on."""


async def connect() -> Link:
    """A new connection."""
    source = (want["source"], 0) if want.get("source") else None
    return await asyncio.open_connection(
        want["host"], want["port"], ssl=context, server_hostname=want["name"], local_addr=source
    )


async def ask(link: Link) -> tuple[str, bool]:
    """The status of one answer, and whether the connection stays. Raises ClosedEarlyError."""
    reader, writer = link
    try:
        writer.write(REQUEST)
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError) as error:
        if isinstance(error, asyncio.IncompleteReadError) and error.partial:
            raise
        raise ClosedEarlyError from error
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    if b"content-length" in fields:
        await reader.readexactly(int(fields[b"content-length"]))
    else:
        while size := int((await reader.readline()).split(b";")[0], 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    return head.split(b" ", 2)[1].decode(), fields.get(b"connection") != b"close"


async def one(link: Link | None) -> Link | None:
    """One request from its beginning to its answer; the connection, if it can be used again."""
    began, is_new = time.perf_counter(), link is None
    try:
        link = link or await connect()
        try:
            status, stays = await ask(link)
        except ClosedEarlyError:
            if is_new:
                raise
            link = await connect()
            status, stays = await ask(link)
        answers[status] += 1
        seconds.append(time.perf_counter() - began)
    except (
        OSError,
        EOFError,
        ValueError,
        ClosedEarlyError,
        KeyError,
    ) as error:  # each is counted, by its name
        answers[type(error).__name__] += 1
        stays = False
    if link and not (stays and want["kept"]):
        link[1].close()
        return None
    return link


async def worker(end: float) -> None:
    """Ask until the time is over."""
    link: Link | None = None
    while time.monotonic() < end:
        link = await one(link)
        await asyncio.sleep(want["pause"])
    if link:
        link[1].close()


async def main() -> None:
    """All workers at once."""
    end = time.monotonic() + want["seconds"]
    await asyncio.gather(*(worker(end) for _ in range(want["workers"])))


asyncio.run(main())
seconds.sort()
at = {
    name: seconds[int(part * (len(seconds) - 1))] if seconds else None
    for name, part in (("p50", 0.5), ("p99", 0.99))
}
json.dump({"answers": dict(answers), "total": sum(answers.values()), **at}, sys.stdout)
