"""Whose word on a client's address counts: the door's, and nobody else's."""

import socket
import threading
import time
from collections.abc import Callable

NAME = "nginx"  # what the door is called on every network that it shares with a service
_WAIT, _AGAIN = 0.25, 1.0
_MAPPED = "::ffff:"


def find(name: str) -> frozenset[str]:
    """The addresses that a name has here; none where nobody knows it."""
    try:
        return frozenset(str(one[4][0]) for one in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM))
    except OSError:
        return frozenset()


class Door:
    """Knows the door by its address, which changes whenever it is made anew.

    Only somebody unknown who speaks for another makes it look again: at most once a second, in a thread of its own,
    so that a slow name server holds nobody up for longer than a moment.
    """

    def __init__(
        self, name: str = NAME, find: Callable[[str], frozenset[str]] = find, again: float = _AGAIN
    ) -> None:
        self._name, self._find, self._again = name, find, again
        self._addresses: frozenset[str] = frozenset()
        self._looked = float("-inf")
        self._lock = threading.Lock()

    def address_of(self, peer: str | None, forwarded: str | None) -> str | None:
        """The client's address: as the door tells it, else that of whoever is connected."""
        if not forwarded or peer is None:
            return peer
        return forwarded if self._is_door(peer.removeprefix(_MAPPED)) else peer

    def _is_door(self, peer: str) -> bool:
        if peer not in self._addresses:
            self._look()
        return peer in self._addresses

    def _look(self) -> None:
        with self._lock:
            now = time.monotonic()
            if now - self._looked < self._again:
                return
            self._looked = now
        looking = threading.Thread(target=self._remember, daemon=True)
        looking.start()
        looking.join(_WAIT)

    def _remember(self) -> None:
        self._addresses = self._find(self._name)
