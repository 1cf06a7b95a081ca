"""Connections that are made only to addresses which the policy lets through, checked on the socket itself."""

import asyncio
import socket
from collections.abc import Callable, Iterable
from typing import Any

import httpcore
from garrison_kit.problems import HttpProblemError

IsAllowed = Callable[[str], bool]


def refuse_address(host: str) -> HttpProblemError:
    """The problem of a host that leads inside; the address itself is not told."""
    return HttpProblemError(403, f"{host} does not lead to an address of the public internet.")


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Resolves once, refuses the host when any of its addresses is refused, and connects to what was checked."""

    def __init__(self, is_allowed: IsAllowed) -> None:
        self._is_allowed = is_allowed
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect. Raises HttpProblemError (403) for a refused address, httpcore.ConnectError otherwise."""
        addresses = await self._resolve(host, port)
        if not all(self._is_allowed(address) for address in addresses):
            raise refuse_address(host)
        stream = await self._inner.connect_tcp(addresses[0], port, timeout, local_address, socket_options)
        peer = stream.get_extra_info("server_addr")
        if not peer or not self._is_allowed(str(peer[0])):
            await stream.aclose()
            raise refuse_address(host)
        return stream

    async def sleep(self, seconds: float) -> None:
        """As every backend."""
        await asyncio.sleep(seconds)

    @staticmethod
    async def _resolve(host: str, port: int) -> list[str]:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError("the name cannot be resolved") from error
        return [str(address[0]) for *_, address in found]
