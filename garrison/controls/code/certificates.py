"""The door's certificates as they lie on the host, and whether the door really shows them."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from garrison.controls.code.registry import judges
from garrison.controls.finding import Found, unseen
from garrison.controls.seen import Seen
from garrison.render.guideline import GUIDELINE
from garrison.tls.places import METRICS_FILE, RENEWAL_TIMER

DOOR = "door"
# Renewed with a third left. What is well past that is renewed by nobody.
OVERDUE = 0.3
_ENDS = re.compile(
    r'^garrison_tls_certificate_not_after_timestamp_seconds\{kind="(\w+)",[^}]*\} (\d+)$', re.M
)


def _leaf(chain: str | None) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(chain.encode()) if chain else None
    except ValueError:
        return None


def _laid(seen: Seen) -> Mapping[str, x509.Certificate]:
    leaves = {kind: _leaf(chain) for kind, chain in seen.snapshot.certificates.chains.items()}
    return {kind: leaf for kind, leaf in leaves.items() if leaf is not None}


@judges("tls-key-types", probing=True)
def judge_key_types(seen: Seen) -> Iterator[Found]:
    """A client that knows just one kind of key gets one of it; the user may have brought one alone."""
    door = seen.evidence.door
    if door is None or not door.certificates:
        yield unseen(DOOR, "it gave no answer, so nothing is known of it.")
        return
    tls = seen.wanted.settings.tls
    wanted = GUIDELINE.certificate_types if tls.mode != "own" else tuple(seen.snapshot.certificates.chains)
    fits = {"ecdsa": EllipticCurvePublicKey, "rsa": RSAPublicKey}
    for kind in wanted:
        leaf = _leaf(door.certificates.get(kind))
        if leaf is None or not isinstance(leaf.public_key(), fits[kind]):
            yield Found(where=DOOR, what=f"it has no certificate for clients that take {kind.upper()} alone.")


@judges("tls-keys-are-the-doors")
def judge_key_files(seen: Seen) -> Iterator[Found]:
    """Of the door's user and 0400, below a folder that only root changes."""
    home, door, account = seen.wanted.settings.stack_home, seen.wanted.catalog.door, seen.snapshot.account
    tree = seen.snapshot.trees.get(f"{home}/tls")
    keys = {path: found for path, found in (tree or {}).items() if path.endswith(".key")}
    if not keys or door is None or account.subuid is None:
        yield unseen(f"{home}/tls", "no key can be seen there.")
        return
    owner = account.subuid[0] + door.user - 1
    for path, found in sorted(keys.items()):
        where = f"{home}/tls/{path}"
        if found is None or found.mode is None:
            yield unseen(where, "its owner and mode can't be read.")
        elif (found.mode, found.uid) != (0o400, owner):
            what = f"its mode is {found.mode:04o} and uid {found.uid} owns it, not 0400 and {owner}."
            yield Found(where=where, what=what)


@judges("tls-renewal-is-timed")
def judge_timer(seen: Seen) -> Iterator[Found]:
    """The host itself looks whether a certificate is due."""
    unit = seen.host.units.get(RENEWAL_TIMER) if seen.host else None
    if unit is None:
        yield unseen(RENEWAL_TIMER, "the host doesn't tell of it.")
    elif (unit.enabled, unit.active) != ("enabled", "active"):
        state = unit.enabled if unit.enabled != "enabled" else unit.active
        yield Found(where=RENEWAL_TIMER, what=f"it is {state or unit.load}.")


@judges("tls-laid-is-served", probing=True)
def judge_served(seen: Seen) -> Iterator[Found]:
    """What lies on the host is what the door shows, and no change of it was left half-way."""
    door, laid = seen.evidence.door, _laid(seen)
    if door is None or not door.certificates or not laid:
        yield unseen(DOOR, "its certificates can't be compared.")
        return
    for kind, leaf in laid.items():
        if _leaf(door.certificates.get(kind)) != leaf:
            yield Found(where=DOOR, what=f"it shows another {kind.upper()} certificate than the host has.")
    if seen.snapshot.certificates.unproven:
        yield Found(where=DOOR, what="a change of its certificates was begun and never proven.")


@judges("tls-renewal-is-not-overdue")
def judge_rest(seen: Seen) -> Iterator[Found]:
    """Enough life left that whoever has to renew it still can."""
    now, laid = datetime.fromtimestamp(seen.snapshot.time, UTC), _laid(seen)
    if not laid:
        yield unseen(DOOR, "the host has no certificate that can be read.")
    for kind, leaf in laid.items():
        life, rest = leaf.not_valid_after_utc - leaf.not_valid_before_utc, leaf.not_valid_after_utc - now
        if rest < life * OVERDUE:
            days = max(rest // timedelta(days=1), 0)
            yield Found(
                where=DOOR, what=f"its {kind.upper()} certificate has {days} days left and wasn't renewed."
            )


@judges("tls-end-is-a-metric")
def judge_metric(seen: Seen) -> Iterator[Found]:
    """Monitoring sees the same end as the certificates have."""
    text = seen.host.texts.get(METRICS_FILE) if seen.host else None
    if text is None:
        yield unseen(METRICS_FILE, "it can't be read.")
        return
    told = {kind: int(end) for kind, end in _ENDS.findall(text)}
    for kind, leaf in _laid(seen).items():
        if told.get(kind) != int(leaf.not_valid_after_utc.timestamp()):
            yield Found(
                where=METRICS_FILE, what=f"it tells another end of the {kind.upper()} certificate, or none."
            )
