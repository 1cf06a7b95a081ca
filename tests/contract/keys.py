"""Keys of every kind, given out on the live host and taken away in the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from garrison.plan.step import LIB
from tests.compliance.live import LiveHost

WRONG = "gk_" + "A" * 43
CLIENTS = {
    "contract-reader": "read",
    "contract-writer": "write",
    "contract-admin": "admin",
    "contract-all": "read,write,admin",
}
REVOKED = "contract-revoked"


@dataclass(frozen=True, kw_only=True)
class Keys:
    """One key for each scope alone, one for all, and one that was good a moment ago."""

    read: str
    write: str
    admin: str
    every: str
    revoked: str

    def with_scope(self, scope: str) -> str:
        """The key that has this scope and no other."""
        return {"read": self.read, "write": self.write, "admin": self.admin}[scope]

    def without(self, scope: str) -> list[str]:
        """The keys that are good and lack this scope."""
        return [key for name, key in self._by_scope.items() if name != scope]

    @property
    def _by_scope(self) -> dict[str, str]:
        return {"read": self.read, "write": self.write, "admin": self.admin}


@contextmanager
def given_out(host: LiveHost) -> Iterator[Keys]:
    """All the keys, for as long as the block runs."""
    try:
        read, write, admin, every = (_add(host, name, scopes) for name, scopes in CLIENTS.items())
        revoked = _add(host, REVOKED, "read,write,admin")
        host.sh(f"{LIB}/keys revoke {REVOKED}")
        yield Keys(read=read, write=write, admin=admin, every=every, revoked=revoked)
    finally:
        for name in CLIENTS:
            host.quietly(f"{LIB}/keys revoke {name}")


def _add(host: LiveHost, name: str, scopes: str) -> str:
    """What ``garrison keys`` does on the host, without the second that it takes to get there."""
    return host.sh(f"{LIB}/keys add {name} --scopes {scopes}")
