"""The admin's password: kept as a proof from the first start on, whatever the configuration says later."""

import hashlib
import hmac
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path

FILE = "grafana.db"


class Admin:
    """Who may come in. Grafana's own file, with one table that Grafana passes over."""

    def __init__(self, data: Path, user: str) -> None:
        self._path = data / FILE
        self._user = user.encode()
        # A proof is slow on purpose; who came in once is known again by this until the password is another.
        self._seen: tuple[bytes, bytes] | None = None

    def begin(self, password: str) -> None:
        """Take ``password`` if there is none yet: a later one counts for nothing."""
        if self._read() is None:
            self.set(password)

    def set(self, password: str) -> None:
        """Put ``password`` in the place of the one that is. Raises ValueError for an empty one."""
        if not password:
            raise ValueError("the password is empty")
        salt = secrets.token_bytes(16)
        with closing(sqlite3.connect(self._path)) as database, database:
            database.execute("CREATE TABLE IF NOT EXISTS stand_in_admin (salt BLOB, proof BLOB)")
            database.execute("DELETE FROM stand_in_admin")
            database.execute(
                "INSERT INTO stand_in_admin VALUES (?, ?)", (salt, _proof(salt, password.encode()))
            )
        self._path.chmod(0o600)

    def lets_in(self, user: bytes, password: bytes) -> bool:
        """Whether these are the admin's, in constant time."""
        kept = self._read()
        if kept is None:
            return False
        salt, proof = kept
        quick = hashlib.sha256(salt + password).digest()
        if self._seen is not None and self._seen[0] == proof and hmac.compare_digest(self._seen[1], quick):
            return hmac.compare_digest(user, self._user)
        good = hmac.compare_digest(_proof(salt, password), proof)
        if good:
            self._seen = (proof, quick)
        return good and hmac.compare_digest(user, self._user)

    def _read(self) -> tuple[bytes, bytes] | None:
        if not self._path.exists():
            return None
        with closing(sqlite3.connect(self._path)) as database:
            try:
                row = database.execute("SELECT salt, proof FROM stand_in_admin").fetchone()
            except sqlite3.OperationalError:  # a real Grafana has made it, or nobody has yet
                return None
        return (bytes(row[0]), bytes(row[1])) if row else None


def _proof(salt: bytes, password: bytes) -> bytes:
    return hashlib.scrypt(password, salt=salt, n=2**12, r=8, p=1)
