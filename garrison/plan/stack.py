"""Phase 2.1: networks, secrets, images, the release, and every service but the door, one after the other."""

from collections.abc import Iterator, Mapping

from garrison.catalog.catalog import Network
from garrison.catalog.model import Service
from garrison.catalog.secrets import credential_of, keeps_proofs
from garrison.plan.given import is_due
from garrison.plan.images import image_steps
from garrison.plan.secrets import secret_steps
from garrison.plan.step import LIB, Command, PhasePlan, Step, as_stack, lay_files, or_return, sh
from garrison.plan.verdict import reason_to_replace
from garrison.plan.wanted import Wanted
from garrison.render.credentials import proof_kind
from garrison.render.model import Release, ReleaseFile
from garrison.snapshot.model import FileState, Snapshot


def plan_stack(snapshot: Snapshot, wanted: Wanted) -> PhasePlan:
    """What has to happen until every service but the door is the wanted one and ready."""
    steps = (
        *_in_the_way(snapshot, wanted),
        *_networks(snapshot, wanted),
        *secret_steps(snapshot, wanted),
        *image_steps(snapshot, wanted),
        *_files(snapshot, wanted),
        *_proofs(snapshot, wanted),
        *_key_files(snapshot, wanted),
        *_services(snapshot, wanted),
    )
    return PhasePlan(id="2.1", title="network", steps=steps)


def _networks(snapshot: Snapshot, wanted: Wanted) -> Iterator[Step]:
    found = {network.name for network in snapshot.networks or ()}
    missing = [network for network in wanted.catalog.networks() if network.name not in found]
    if missing:
        names = ", ".join(network.name for network in missing)
        yield Step(
            title=f"create {len(missing)} isolated networks",
            why=f"missing: {names}",
            commands=tuple(_create(network) for network in missing),
        )
    for network in wanted.catalog.networks():
        if network.name in spoilt_networks(snapshot, wanted):
            remove = as_stack("podman", "network", "rm", "-f", network.name)
            yield Step(
                title=f"make network {network.name} anew",
                why="it isn't isolated as wanted",
                commands=(remove, _create(network)),
            )


def _create(network: Network) -> Command:
    internal = ("--internal",) if network.internal else ()
    options = ("--opt", "isolate=strict", "--label", "garrison=1", "--ignore")
    return as_stack("podman", "network", "create", *internal, *options, network.name)


def spoilt_networks(snapshot: Snapshot, wanted: Wanted) -> frozenset[str]:
    """The networks that exist but aren't as isolated as wanted."""
    found = {network.name: network for network in snapshot.networks or ()}
    return frozenset(
        network.name
        for network in wanted.catalog.networks()
        if (there := found.get(network.name))
        and (there.internal != network.internal or there.options.get("isolate") != "strict")
    )


def judge_service(name: str, snapshot: Snapshot, wanted: Wanted) -> str | None:
    """Why a service's container must be made anew on this host, or None."""
    networks = frozenset(network.name for network in wanted.catalog.networks_of(name))
    secrets = wanted.catalog.secrets_of(name)
    reason = reason_to_replace(
        wanted.release.services[name].config_digest,
        secrets,
        snapshot.container(name),
        snapshot.secret_times,
        spoilt_networks(snapshot, wanted) & networks,
    )
    if reason:
        return reason
    anew = [secret for secret in secrets if secret in wanted.given and is_due(snapshot, wanted.given[secret])]
    if anew:
        return f"secret {', '.join(anew)} is given anew"
    return "its configuration was edited on the host" if _has_edits(name, snapshot, wanted) else None


def _has_edits(name: str, snapshot: Snapshot, wanted: Wanted) -> bool:
    """Whether the files that the service reads aren't what was laid down: it has read them, or will when it starts."""
    home, tree = wanted.settings.stack_home, wanted.release.services[name].tree
    folder = tree.folder(home).relative_to(f"{home}/config")
    found = snapshot.trees.get(f"{home}/config") or {}
    return any(
        (state := found.get(f"{folder}/{path}")) is not None and state.sha256 != file.sha256
        for path, file in tree.files.items()
    )


def _put_down(snapshot: Snapshot, wanted: Wanted) -> Iterator[Command]:
    """What runs with edited files: a container keeps the file that it was given, and the door what it has read.

    It happens in one command with the files, so that no run can end between them: the next one would see nothing.
    """
    door = wanted.catalog.door
    edited = [name for name in wanted.catalog.order() if _has_edits(name, snapshot, wanted)]
    if door and door.name in edited:
        yield as_stack("systemctl", "--user", "try-reload-or-restart", "garrison-door.service")
    if others := [
        wanted.release.services[name].container for name in edited if not door or name != door.name
    ]:
        yield as_stack("podman", "rm", "-f", "-i", *others)


def _in_the_way(snapshot: Snapshot, wanted: Wanted) -> Iterator[Step]:
    """Containers that no release wants any more, and those that hold a port which another one is about to get."""
    services = wanted.catalog.services
    gone = {
        c.name: "nobody wants it"
        for c in snapshot.containers or ()
        if c.service and c.service not in services
    }
    owners = {port: name for name, service in services.items() for port in service.publish.values()}
    for container in snapshot.containers or ():
        taken = {owners[port] for port in container.published & owners.keys()} - {container.service}
        if container.service in services and taken:
            gone[container.name] = f"{', '.join(sorted(taken))} gets its port"
    if gone:
        yield Step(
            title=f"remove {', '.join(gone)}",
            why="; ".join(f"{name}: {why}" for name, why in gone.items()),
            commands=(as_stack("podman", "rm", "-f", "-i", *gone),),
        )


def _differs(found: FileState | None, file: ReleaseFile) -> bool:
    return found is None or (found.sha256, found.mode, found.uid) != (file.sha256, file.mode, 0)


def _below(release: Release, home: str) -> dict[str, ReleaseFile]:
    """Every file of the release and of its config trees by its path below the stack's home."""
    files = {f"releases/{release.digest}/{path}": file for path, file in release.files.items()}
    for tree in release.config_trees.values():
        folder = tree.folder(home).relative_to(home)
        files |= {f"{folder}/{path}": file for path, file in tree.files.items()}
    return files


def _files(snapshot: Snapshot, wanted: Wanted) -> Iterator[Step]:
    home, release = wanted.settings.stack_home, wanted.release
    found = {
        f"{top}/{path}": state
        for top in ("releases", "config")
        for path, state in (snapshot.trees.get(f"{home}/{top}") or {}).items()
    }
    files = _below(release, home)
    if any(_differs(found.get(path), file) for path, file in files.items()):
        yield lay_files(
            f"lay down release {release.digest[:12]}",
            "the host doesn't have it whole",
            {f"{home}/{path}": (file.mode, file.content) for path, file in files.items()},
            *_put_down(snapshot, wanted),
            remember=False,  # its path says what is in it
            at_once=True,
        )


def _proofs(snapshot: Snapshot, wanted: Wanted) -> Iterator[Step]:
    """Every provider to which each has a password of its own finds the proofs of them, and no password."""
    settings, catalog = wanted.settings, wanted.catalog
    providers = {name: one for name, one in catalog.services.items() if one.credential == "each"}
    tree = snapshot.trees.get(f"{settings.stack_home}/clients") or {}
    due = [name for name, service in providers.items() if _lacks_proofs(service, tree, snapshot, wanted)]
    if due:
        words = [
            f"{name}={service.user}:{proof_kind(service)}:{','.join(catalog.holders_of(name))}"
            for name, service in providers.items()
        ]
        yield Step(
            title="lay down the proofs of the services' passwords",
            why=f"due for {', '.join(due)}",
            commands=(
                sh(f"{LIB}/proofs", "--home", settings.stack_home, "--user", settings.stack_user, *words),
            ),
        )


def _lacks_proofs(
    provider: Service, tree: Mapping[str, FileState | None], snapshot: Snapshot, wanted: Wanted
) -> bool:
    """Whether its file isn't there, a password is new, or the provider is made anew, for other consumers perhaps."""
    file = tree.get(f"{provider.name}/{'proofs' if keeps_proofs(provider) else 'clients.json'}")
    holders = wanted.catalog.holders_of(provider.name)
    names = {credential_of(provider, holder) for holder in holders}
    return (
        file is None
        or file.mode != 0o400
        or not names <= snapshot.secret_times.keys()
        or judge_service(provider.name, snapshot, wanted) is not None
    )


def _key_files(snapshot: Snapshot, wanted: Wanted) -> Iterator[Step]:
    """Every service that verifies keys finds its list, empty at first: without the file it wouldn't start."""
    settings = wanted.settings
    consumers = {
        name: service.user for name, service in wanted.catalog.services.items() if service.verifies_keys
    }
    tree = snapshot.trees.get(f"{settings.stack_home}/clients") or {}
    found = [tree.get(f"{name}/clients.json") for name in consumers]
    if any(file is None or file.mode != 0o400 for file in found):
        yield Step(
            title="lay down the list of clients",
            why="a service that verifies keys hasn't got it",
            commands=(
                sh(f"{LIB}/keys", "sync", "--home", settings.stack_home, "--user", settings.stack_user,
                   *(f"{name}={uid}" for name, uid in sorted(consumers.items()))),
            ),
        )  # fmt: skip


def _services(snapshot: Snapshot, wanted: Wanted) -> Iterator[Step]:
    """Those that differ are made anew; who needs one of them has to prove again that it is ready."""
    door = wanted.catalog.door
    shaken: set[str] = set()
    for name in wanted.catalog.order():
        if door and name == door.name:
            continue
        reason = judge_service(name, snapshot, wanted)
        needs = sorted(shaken.intersection(wanted.catalog.services[name].needs))
        if reason:
            yield _start(name, reason, wanted)
        elif needs:
            yield _gate_again(name, needs, wanted)
        else:
            continue
        shaken.add(name)


def _start(name: str, reason: str, wanted: Wanted) -> Step:
    compose = f"{wanted.settings.stack_home}/releases/{wanted.release.digest}/compose.yaml"
    replace = sh(f"{LIB}/replace-service", name, "--compose", compose)
    deadline = wanted.catalog.services[name].health.deadline
    return Step(
        title=f"start {name} and wait until it is ready, at most {deadline} s",
        why=reason,
        commands=(_or_return(replace, wanted), _or_return(_gate(name, deadline), wanted)),
    )


def _gate_again(name: str, needs: list[str], wanted: Wanted) -> Step:
    deadline = wanted.catalog.services[name].health.deadline
    return Step(
        title=f"wait until {name} is ready again, at most {deadline} s",
        why=f"it needs {', '.join(needs)}",
        commands=(_or_return(_gate(name, deadline), wanted),),
    )


def _gate(name: str, deadline: int) -> Command:
    return sh(f"{LIB}/gate", name, "--deadline", str(deadline), timeout=deadline + 60)


def _or_return(command: Command, wanted: Wanted) -> Command:
    door = wanted.catalog.door
    return or_return(command, wanted.settings.stack_home, door.name if door else "none")
