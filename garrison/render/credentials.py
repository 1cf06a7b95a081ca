"""The credentials of a release as the host's program for rotation needs them: who holds each, and who judges it."""

from typing import Any

from garrison.catalog.catalog import Catalog
from garrison.catalog.model import Service
from garrison.catalog.secrets import credential_of, standby_credential


def credentials(catalog: Catalog) -> list[dict[str, Any]]:
    """One record for each secret that can be rotated, by name: those between services, and what one renews by itself.

    ``kind`` says how the provider judges it: by a proof (sha256, scram), by its list of clients, because it has
    the key itself and a second one in ``standby``, or because it is its ``own`` and taken anew at each start.
    Of that whoever collects its metrics may be a holder too; until both are made anew its scrapes fail.
    """
    found: dict[str, dict[str, Any]] = {}
    for provider in catalog.services.values():
        for holder in catalog.holders_of(provider.name) if provider.credential else ():
            name = credential_of(provider, holder)
            record = found.setdefault(name, _record(name, provider))
            record["holders"].append(holder)
        for name in provider.renewable:
            holders = [one for one in catalog.services if name in catalog.secrets_of(one)]
            found[name] = {"secret": name, "provider": provider.name, "holders": holders, "kind": "own"}
    return [found[name] for name in sorted(found)]


def proof_kind(provider: Service) -> str:
    """How ``provider``, to which each consumer has a password of its own, judges them."""
    return "clients" if provider.verifies_keys else provider.proof


def _record(name: str, provider: Service) -> dict[str, Any]:
    if provider.credential == "shared":
        how = {"kind": "standby", "standby": standby_credential(provider.name)}
    else:
        how = {"kind": proof_kind(provider)}
    return {"secret": name, "provider": provider.name, "holders": [], **how}
