"""What is known of each container beyond what the checks of ``garrison.evidence`` compare."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from garrison.controls.code.registry import judges
from garrison.controls.finding import Found, unseen
from garrison.controls.seen import Seen

FIRST_FREE_PORT = 1024
REMOTE_SHELLS = frozenset({"sshd", "sshd-session", "dropbear", "telnetd", "in.telnetd", "rlogind", "rshd"})
Record = Mapping[str, Any]


def containers(seen: Seen) -> Sequence[Record]:
    """The records of ``podman inspect``, each with what /proc says of its first process."""
    return seen.snapshot.raw.get("containers") or ()


def _untold(seen: Seen) -> Iterator[Found]:
    if seen.snapshot.containers is None:
        yield unseen("containers", "Podman didn't say which there are.")


def _where(record: Record) -> str:
    return f"container {record['Name']}"


@judges("container-ids-are-subordinate")
def judge_ids(seen: Seen) -> Iterator[Found]:
    """Nobody inside is anybody outside but the stack user, who is root inside, and its subordinate ids."""
    yield from _untold(seen)
    account = seen.snapshot.account
    for record in containers(seen):
        process = record.get("Process")
        if process is None:
            continue  # a container that doesn't run is another control's finding
        rows = process.get("uid_map") or []
        if not rows:
            yield unseen(_where(record), "how its users are mapped can't be read.")
        for inside, outside, count in rows:
            is_own = (outside, count) == (account.uid, 1)
            if not is_own and not _is_subordinate(outside, count, account.subuid):
                what = f"its users from {inside} are {outside} to {outside + count - 1} of the host."
                yield Found(where=_where(record), what=what)


def _is_subordinate(outside: int, count: int, granted: tuple[int, int] | None) -> bool:
    return granted is not None and granted[0] <= outside and outside + count <= granted[0] + granted[1]


@judges("limits-are-not-raised")
def judge_ulimits(seen: Seen) -> Iterator[Found]:
    """A limit that a container was given and that isn't the engine's own default for all."""
    yield from _untold(seen)
    for record in containers(seen):
        for limit in record["HostConfig"].get("Ulimits") or ():
            name = str(limit.get("Name", "")).removeprefix("RLIMIT_").lower()
            if name not in ("nofile", "nproc", "core") or limit.get("Hard", -1) < 0:
                yield Found(where=_where(record), what=f"its limit {name} is {limit.get('Hard')}.")


@judges("no-remote-shell-inside")
def judge_programs(seen: Seen) -> Iterator[Found]:
    """The names of the programs that run in the container's own process namespace."""
    yield from _untold(seen)
    for record in containers(seen):
        process = record.get("Process")
        if process is None:
            continue
        programs = process.get("programs")
        if not programs:
            yield unseen(_where(record), "what runs in it can't be read.")
            continue
        for name in sorted(REMOTE_SHELLS.intersection(programs)):
            yield Found(where=_where(record), what=f"{name} runs in it.")


@judges("no-low-port-is-published")
def judge_low_ports(seen: Seen) -> Iterator[Found]:
    """By what Podman was asked to publish."""
    yield from _untold(seen)
    for record in containers(seen):
        for bindings in (record["HostConfig"].get("PortBindings") or {}).values():
            for binding in bindings or ():
                port = int(binding.get("HostPort") or 0)
                if 0 < port < FIRST_FREE_PORT:
                    yield Found(where=_where(record), what=f"it is published at port {port}.")


@judges("secrets-are-in-use")
def judge_secrets(seen: Seen) -> Iterator[Found]:
    """A container sees a secret as it was when the container was made."""
    yield from _untold(seen)
    if seen.snapshot.secrets is None:
        yield unseen("secrets", "Podman didn't say which there are.")
        return
    replaced = seen.snapshot.secret_times
    for container in seen.snapshot.containers or ():
        service = container.service
        if service is None or service not in seen.wanted.catalog.services:
            continue  # a stray is another control's finding
        for name in seen.wanted.catalog.secrets_of(service):
            if name in replaced and replaced[name] > container.created:
                what = f"it was made before {name} was replaced, and still has the old one."
                yield Found(where=f"container {container.name}", what=what)
