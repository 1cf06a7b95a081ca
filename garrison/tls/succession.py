"""A new CA for the fleet while clients go on: they trust both, the new one signs, then the earlier one goes.

``ca.crt`` is what clients trust: the CA that signs first, then any other. Each step is one file that is renamed into
place, so a run that is killed leaves the step before or this one; the same command again ends it.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from garrison.problem import ProblemError
from garrison.tls import issue
from garrison.tls.authority import (
    CERTIFICATE,
    KEY,
    NEXT_KEY,
    Authority,
    load_key,
    load_trusted,
    locked,
    problem,
    sealed,
)
from garrison.tls.files import write_whole


def begin(directory: Path, passphrase: str | None, now: datetime) -> None:
    """Make the next CA, which clients are to trust beside the one that signs. Raises ProblemError."""
    Authority.open(directory, passphrase, now)  # it is good, or made, or what was killed is ended
    with locked(directory):
        trusted = load_trusted(directory / CERTIFICATE)
        file = directory / NEXT_KEY
        if not file.exists():
            write_whole(file, sealed(issue.new_key(), passphrase), 0o600)
        key = load_key(file, passphrase)
        if key.public_key() not in [one.public_key() for one in trusted]:
            _trust(directory, [*trusted, issue.authority_certificate(key, now)])


def switch(directory: Path, passphrase: str | None) -> None:
    """Have the next CA sign; clients still trust the earlier one. Raises ProblemError where there is no next one."""
    with locked(directory):
        trusted = load_trusted(directory / CERTIFICATE)
        public = _next_key(directory, passphrase)
        following = [one for one in trusted if one.public_key() == public]
        if not following:
            raise _not_begun(directory)
        # From here on it signs: Authority.open takes the key of the certificate that comes first.
        _trust(directory, [*following, *(one for one in trusted if one not in following)])
        (directory / NEXT_KEY).replace(directory / KEY)


def end(directory: Path, passphrase: str | None, now: datetime) -> None:
    """Have clients trust nothing but the CA that signs. Raises ProblemError while a next one waits."""
    Authority.open(directory, passphrase, now)
    with locked(directory):
        if (directory / NEXT_KEY).exists():
            raise problem(
                directory / NEXT_KEY,
                "unfinished",
                "the next CA doesn't sign yet: nothing has an end here.",
                f"Run: garrison cert authority switch. Or remove {NEXT_KEY} to go on with the CA that signs.",
            )
        _trust(directory, load_trusted(directory / CERTIFICATE)[:1])


def _next_key(directory: Path, passphrase: str | None) -> object:
    if not (directory / NEXT_KEY).exists():
        raise _not_begun(directory)
    return load_key(directory / NEXT_KEY, passphrase).public_key()


def _not_begun(directory: Path) -> ProblemError:
    return problem(
        directory,
        "no-next",
        "there is no next CA that clients could know.",
        "Run: garrison cert authority begin. Then give its ca.crt to every client.",
    )


def _trust(directory: Path, certificates: Sequence[x509.Certificate]) -> None:
    pem = b"".join(one.public_bytes(serialization.Encoding.PEM) for one in certificates)
    write_whole(directory / CERTIFICATE, pem, 0o644)
