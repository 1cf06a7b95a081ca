"""What the door does with clients of all kinds, as it was tried on the host."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from garrison.controls.code.registry import judges
from garrison.controls.finding import Found, unseen
from garrison.controls.seen import Seen
from garrison.evidence.probes import Handshakes
from garrison.render.guideline import GUIDELINE
from garrison.tls.names import missing_names

DOOR = "door"
POST_QUANTUM = "X25519MLKEM768"
SHORTEST_REST = timedelta(days=7)
SHORTEST_KEYS = {"RSA": GUIDELINE.rsa_key_size, "EC": 256}


def door(seen: Seen) -> Handshakes | None:
    return seen.evidence.door


def _untried(what: str = "it gave no answer, so nothing is known of it.") -> Found:
    return unseen(DOOR, what)


@judges("tls-versions", probing=True)
def judge_versions(seen: Seen) -> Iterator[Found]:
    """A handshake with each version."""
    found = door(seen)
    if found is None:
        yield _untried()
        return
    for version, is_taken in found.versions.items():
        if is_taken != (version in GUIDELINE.tls_versions):
            yield Found(where=DOOR, what=f"it {'accepts' if is_taken else 'refuses'} {version}.")


@judges("tls-suites", probing=True)
def judge_suites(seen: Seen) -> Iterator[Found]:
    """Every suite of TLS 1.2 that the door takes; those of 1.3 are all good."""
    found = door(seen)
    if found is None or not found.suites:
        yield _untried()
        return
    if weak := [suite for suite in found.suites if suite not in GUIDELINE.ciphers]:
        yield Found(where=DOOR, what=f"it accepts {', '.join(weak)}.")


@judges("tls-groups", probing=True)
def judge_groups(seen: Seen) -> Iterator[Found]:
    """A key exchange in each group; where the host's OpenSSL knows no post-quantum one, that can't be asked for."""
    found = door(seen)
    if found is None or all(taken is None for taken in found.groups.values()):
        yield _untried()
        return
    for group, is_taken in found.groups.items():
        if is_taken and group not in GUIDELINE.tls_curves:
            yield Found(where=DOOR, what=f"it exchanges keys by {group}.")
    if found.groups.get(POST_QUANTUM) is False:
        yield Found(
            where=DOOR, what=f"it refuses {POST_QUANTUM}, the one that a quantum computer can't break."
        )


@judges("tls-kept-by-browsers", probing=True)
def judge_transport_security(seen: Seen) -> Iterator[Found]:
    """For as long as the guideline asks, two years."""
    found = door(seen)
    if found is None or found.transport_security is None:
        yield _untried()
        return
    match = re.search(r"max-age=(\d+)", found.transport_security)
    if match is None or int(match[1]) < GUIDELINE.hsts_min_age:
        said = found.transport_security or "absent"
        yield Found(where=DOOR, what=f"Strict-Transport-Security is {said}.")


@judges("tls-certificate", probing=True)
def judge_certificate(seen: Seen, days: int) -> Iterator[Found]:
    """For the host's names, for no longer than ``days``, and not about to end."""
    leaf = _leaf(seen)
    if leaf is None:
        yield _untried("its certificate can't be read.")
        return
    now = datetime.fromtimestamp(seen.snapshot.time, UTC)
    if missing := missing_names(leaf, seen.wanted.settings.server_names):
        yield Found(where=DOOR, what=f"its certificate isn't for {', '.join(missing)}.")
    life = leaf.not_valid_after_utc - leaf.not_valid_before_utc
    if life > timedelta(days=days, hours=1):
        yield Found(where=DOOR, what=f"its certificate is valid for {life.days} days, more than {days}.")
    if leaf.not_valid_after_utc - now < SHORTEST_REST:
        yield Found(where=DOOR, what=f"its certificate ends on {leaf.not_valid_after_utc:%Y-%m-%d}.")
    if now < leaf.not_valid_before_utc:
        what = f"its certificate isn't valid before {leaf.not_valid_before_utc:%Y-%m-%d}."
        yield Found(where=DOOR, what=what)


@judges("tls-key", probing=True)
def judge_key(seen: Seen) -> Iterator[Found]:
    """RSA or an elliptic curve, long enough."""
    leaf = _leaf(seen)
    if leaf is None:
        yield _untried("its certificate can't be read.")
        return
    key = leaf.public_key()
    kind = "RSA" if isinstance(key, RSAPublicKey) else "EC" if isinstance(key, EllipticCurvePublicKey) else ""
    size = getattr(key, "key_size", 0)
    if size < SHORTEST_KEYS.get(kind, size + 1):
        yield Found(where=DOOR, what=f"its key is {kind or type(key).__name__} with {size} bits.")


def _leaf(seen: Seen) -> x509.Certificate | None:
    found = door(seen)
    if found is None or found.certificate is None:
        return None
    try:
        return x509.load_pem_x509_certificate(found.certificate.encode())
    except ValueError:
        return None


@judges("tls-redirect", probing=True)
def judge_redirect(seen: Seen) -> Iterator[Found]:
    """Plain HTTP leads to the same place over TLS, for good."""
    found = door(seen)
    if found is None or found.redirect is None:
        yield _untried()
        return
    status, location = found.redirect
    if status != 301 or not location.startswith("https://") or not location.endswith("/some/path?q=1"):
        yield Found(where=DOOR, what=f"plain HTTP is answered {status} and leads to {location or 'nowhere'}.")


@judges("tls-sessions", probing=True)
def judge_sessions(seen: Seen) -> Iterator[Found]:
    """The client, which knows its processor, chooses among good suites; and no ticket carries a session's keys."""
    found = door(seen)
    if found is None or found.follows_client is None or found.gives_tickets is None:
        yield _untried()
        return
    if not found.follows_client:
        yield Found(where=DOOR, what="its own order of suites decides, not the client's.")
    if found.gives_tickets:
        yield Found(where=DOOR, what="it gives session tickets, whose key decrypts what was recorded.")
