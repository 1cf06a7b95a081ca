"""There is one isolated network for each declared need, with just its two ends on it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ConfigDict

from garrison.catalog.catalog import PREFIX, Network
from garrison.evidence.inspected import inspect_containers
from garrison.plan.wanted import Wanted
from garrison.problem import Problem
from garrison.snapshot.model import Snapshot

ID = "networks-are-one-for-each-need"
DEFAULT = "podman"  # Podman always lists it; nobody may be on it
_DEPLOY = "Run the deploy again: `garrison deploy INVENTORY`."


class _Found(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    name: str
    internal: bool = False
    options: dict[str, str] | None = None


Members = Mapping[str, frozenset[str]]


def _members(snapshot: Snapshot) -> Members:
    """The containers on each network, by what the containers say."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, container in inspect_containers(snapshot).items():
        for network in container.network_settings.networks:
            found[network].add(name)
    return {network: frozenset(names) for network, names in found.items()}


def find_networks(snapshot: Snapshot, wanted: Wanted) -> list[Problem]:
    """Networks that are missing, unknown or open, and members that don't belong."""
    if snapshot.networks is None:
        return [_problem("networks", "unknown", "Podman didn't say which there are.",
                         "Try on the host: sudo /usr/local/lib/garrison/as-stack podman network ls.")]  # fmt: skip
    records = (_Found.model_validate(record) for record in snapshot.raw.get("networks") or ())
    found = {record.name: record for record in records}
    declared = {network.name: network for network in wanted.catalog.networks()}
    problems = [
        _problem(f"network {name}", "missing", "there is no such network.", _DEPLOY)
        for name in sorted(set(declared) - set(found))
    ]
    members, present = _members(snapshot), frozenset(inspect_containers(snapshot))
    problems += _unknown(found, declared, members)
    for name in sorted(set(declared) & set(found)):
        problems += [
            *_kind(found[name], declared[name]),
            *_ends(declared[name], members.get(name, frozenset()), present),
        ]
    return problems


def _unknown(found: dict[str, _Found], declared: dict[str, Network], members: Members) -> Iterator[Problem]:
    for name in sorted(set(found) - set(declared)):
        shown = ", ".join(sorted(members.get(name, ())))
        if name != DEFAULT or shown:
            what = f"no need of a service makes it; on it: {shown or 'nobody'}."
            remedy = f"Remove it: sudo /usr/local/lib/garrison/as-stack podman network rm -f {name}."
            yield _problem(f"network {name}", "undeclared", what, f"{remedy} {_DEPLOY}")


def _kind(found: _Found, declared: Network) -> Iterator[Problem]:
    where = f"network {found.name}"
    if found.internal != declared.internal:
        what = (
            "it has a way out." if declared.internal else "it has no way out, and a service declares egress."
        )
        yield _problem(where, "internal", what, _DEPLOY)
    if (found.options or {}).get("isolate") != "strict":
        yield _problem(where, "isolate", "it isn't isolated strictly from the others.", _DEPLOY)


def _ends(declared: Network, members: frozenset[str], present: frozenset[str]) -> Iterator[Problem]:
    where = f"network {declared.name}"
    expected = {f"{PREFIX}-{member}" for member in declared.members}
    for name in sorted(members - expected):
        remedy = f"sudo /usr/local/lib/garrison/as-stack podman network disconnect {declared.name} {name}"
        yield _problem(
            where, "member", f"{name} is on it and doesn't belong there.", f"Take it off: {remedy}."
        )
    for name in sorted((expected & present) - members):  # one that isn't there is another check's finding
        yield _problem(where, "absent", f"{name} isn't on it.", _DEPLOY)


def _problem(where: str, key: str, what: str, remedy: str) -> Problem:
    return Problem(where=where, id=f"{ID}.{key}", what=what, remedy=remedy)
