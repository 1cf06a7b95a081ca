"""Whom the host asks without password or key, and as whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the controls are read before the host is asked, and what is wanted afterwards
    from garrison.plan.wanted import Wanted

# The label of a port in a service.yaml tells what is spoken there.
KINDS = {"sql": "postgres", "redis": "redis"}


def databases(wanted: Wanted) -> list[str]:
    """``SERVICE:KIND:PORT:USER`` for each database, as its owner and as each service that needs it."""
    words = []
    for name, service in sorted(wanted.catalog.services.items()):
        for label, port in service.listen.items():
            kind = KINDS.get(label)
            if kind:
                users = [kind, *(e.consumer for e in wanted.catalog.edges() if e.provider == name)]
                words += [f"{name}:{kind}:{port}:{user}" for user in sorted(set(users))]
    return words


def services(wanted: Wanted) -> list[str]:
    """The same for each service that says that it asks for a key; the door is asked from outside, by other checks."""
    words = []
    for name, service in sorted(wanted.catalog.services.items()):
        asks = service.verifies_keys or service.credential is not None
        port = service.listen.get("http")
        if asks and port and service.door is None:
            words.append(f"{name}:http:{port}:nobody")
    return words


def viewers(wanted: Wanted) -> list[str]:
    """The same for who shows the dashboards."""
    viewer = wanted.catalog.viewer
    port = viewer.listen.get("http") if viewer else None
    if viewer is None or port is None:
        return []
    return [f"{viewer.name}:viewer:{port}:nobody"]
