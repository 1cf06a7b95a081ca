"""The door's certificates in phase 2.2: what the host's programs have to know, when new ones are due, the timer."""

import hashlib
import json
from collections.abc import Iterator

from garrison.plan.question import CA_FILE, TLS_FILE
from garrison.plan.step import LIB, Step, lay_files, sh
from garrison.plan.wanted import Wanted
from garrison.snapshot.model import Snapshot
from garrison.tls.issuer import Issuer
from garrison.tls.places import RENEWAL_TIMER as TIMER


def settings_file(wanted: Wanted, issuer: Issuer) -> bytes:
    """What the host's programs read: nothing secret."""
    settings, door = wanted.settings, wanted.catalog.door
    if door is None or door.door is None:
        raise ValueError("certificates are for a catalog with a door")
    acme = settings.tls.acme
    said = {
        "home": settings.stack_home,
        "user": settings.stack_user,
        "door_uid": door.user,
        "names": list(settings.server_names),
        "http": door.door.http,
        "https": door.door.https,
        "trust": issuer.trust,
        "mode": settings.tls.mode,
        "source": issuer.source,
        "acme": acme.model_dump() if acme else None,
    }
    return (json.dumps(said, indent=2, sort_keys=True) + "\n").encode()


def lay_settings(snapshot: Snapshot, wanted: Wanted, issuer: Issuer) -> Iterator[Step]:
    """First of all: every program below needs them."""
    content, found = settings_file(wanted, issuer), snapshot.files.get(TLS_FILE)
    if found is None or found.sha256 != hashlib.sha256(content).hexdigest():
        yield lay_files(
            "tell the host how it comes by certificates", "missing or different", {TLS_FILE: (0o644, content)}
        )


def bring_certificates(snapshot: Snapshot, issuer: Issuer, *, later: bool) -> Iterator[Step]:
    """Before the door starts: certificates where they are due, or a stopgap where only a door that serves gets any."""
    found = snapshot.certificates
    # Asked in any case: a CA that can't sign has to be found before the first change.
    reason = issuer.reason_to_renew(found)
    if reason and not issuer.needs_door:
        yield issuer.issue(reason, later=later)
    elif reason and not found.chains:
        yield Step(
            title="make certificates that nobody trusts, so that the door can start",
            why="there are none yet, and the server that issues them asks at the door",
            commands=(sh(f"{LIB}/tls-stopgap"),),
        )
    authority = issuer.authority_file()
    if authority is not None:
        laid = snapshot.files.get(CA_FILE)
        if laid is None or laid.sha256 != authority.sha256:
            yield lay_files(
                "lay down the CA's certificate",
                "the host hasn't got it",
                {CA_FILE: (0o644, authority.content)},
            )


def prove_certificates(snapshot: Snapshot, issuer: Issuer, *, deferred: bool) -> Iterator[Step]:
    """Once the door serves: finish what was begun, and bring what waited for the door."""
    if deferred or snapshot.certificates.unproven:
        why = "the door was started with them" if deferred else "a change of them was begun and not finished"
        settle = sh(f"{LIB}/tls-switch", "--settle")
        yield Step(title="prove that the door serves its certificates", why=why, commands=(settle,))
    if issuer.needs_door and (reason := issuer.reason_to_renew(snapshot.certificates)):
        yield issuer.issue(reason, later=False)
    units = snapshot.host.units if snapshot.host else {}
    timer = units.get(TIMER)
    if timer is None or (timer.enabled, timer.active) != ("enabled", "active"):
        start = sh("systemctl", "enable", "-q", "--now", TIMER)
        measure = sh(f"{LIB}/tls-status", "--metrics", "--quiet")
        why = f"{TIMER} isn't enabled and active"
        yield Step(title="renew and measure certificates by a timer", why=why, commands=(start, measure))
