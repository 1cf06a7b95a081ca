"""The peer of a no-op run: an Ansible playbook of the state that a host really has, generated from it.

Fair means: what Ansible's own modules do in few calls is theirs (user, file, copy, systemd_service); what has no
module (Podman's objects, listeners, a certificate's end) is one read-only command for all of a kind, and an
``assert`` that compares with the whole wanted set here, as Garrison does. Loops instead of tasks one by one, no
facts gathered. Two shapes: ``copy`` for each file, which is how a playbook keeps files in place, and ``digests``,
where one sha256sum and one stat say whether they are: the floor, though such a playbook couldn't mend anything.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from garrison.plan.exposure import declared_listeners
from garrison.plan.question import CA_FILE, door_units
from garrison.plan.step import LIB
from garrison.plan.wanted import Wanted

Task = dict[str, Any]
AS_STACK = f"{LIB}/as-stack"
REMOTE = "/tmp/garrison-bench"  # Ansible's folder on the host, instead of one in each user's home
READ_ONLY = {"changed_when": False, "check_mode": False}


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A file that the host has; ``owner`` is a uid."""

    path: str
    mode: int
    content: bytes
    owner: int = 0


def kept_files(wanted: Wanted, authority: bytes) -> list[Kept]:
    """Every file whose content and mode a deploy looks at."""
    home, release = wanted.settings.stack_home, wanted.release
    found = [
        Kept(path=path, mode=file.mode, content=file.content, owner=file.owner)
        for path, file in wanted.host_files.items()
    ]
    trees = {release.folder(home): release.files}
    trees |= {tree.folder(home): tree.files for tree in release.config_trees.values()}
    for folder, files in trees.items():
        found += [
            Kept(path=str(folder / path), mode=file.mode, content=file.content)
            for path, file in files.items()
        ]
    for path, target in door_units(home).items():
        file = release.files[path]
        owner = wanted.settings.stack_uid
        found.append(Kept(path=target, mode=file.mode, content=file.content, owner=owner))
    return [*found, Kept(path=CA_FILE, mode=0o644, content=authority)]


def write_sources(files: list[Kept], folder: Path) -> None:
    """Lay the files down for the ``copy`` tasks, by digest."""
    folder.mkdir()
    for file in files:
        (folder / _digest(file)).write_bytes(file.content)


def make_playbook(wanted: Wanted, files: list[Kept], sources: Path, *, digests: bool) -> list[Task]:
    """One play."""
    kept = _digest_tasks(files) if digests else [_copy_task(files, sources)]
    tasks = [*_host(wanted), *kept, *_stack(wanted), *_door(wanted)]
    return [{"hosts": "all", "gather_facts": False, "become": True, "tasks": tasks}]


def _host(wanted: Wanted) -> Iterator[Task]:
    settings = wanted.settings
    user, home, uid = settings.stack_user, settings.stack_home, settings.stack_uid
    yield from _look(
        "system, memory, disk, clock and user namespaces",
        f"cat /etc/os-release /proc/meminfo /proc/sys/user/max_user_namespaces; df {home}; "
        f"findmnt -nro OPTIONS,FSTYPE -T {home}; date +%s",
        "'VERSION_ID=\"13\"' in found.stdout_lines",
    )
    names = " ".join(wanted.packages)
    yield from _look(
        "packages",  # the apt module would need python3-apt on the host, and took longer where it is there
        f"dpkg-query -W -f '{_raw('${Package} ${db:Status-Status}')}\\n' {names}",
        _all([f"{name} installed" for name in wanted.packages]),
    )
    yield {"user": {"name": user, "uid": uid, "group": user, "home": home, "shell": "/usr/sbin/nologin"}}
    yield {"file": {"path": home, "state": "directory", "mode": "0711", "owner": "root"}}
    yield from _look(
        "subordinate ids, linger and bus",
        f"grep -c '^{user}:' /etc/subuid /etc/subgid; ls /var/lib/systemd/linger/{user} /run/user/{uid}/bus",
        "found.stdout_lines | length == 4",
    )


def _copy_task(files: list[Kept], sources: Path) -> Task:
    words = {
        "src": "{{ item.src }}",
        "dest": "{{ item.dest }}",
        "mode": "{{ item.mode }}",
        "owner": "{{ item.owner }}",
    }
    items = [
        {
            "src": str(sources / _digest(file)),
            "dest": file.path,
            "mode": f"0{file.mode:o}",
            "owner": str(file.owner),
        }
        for file in files
    ]
    return {
        "name": "files",
        "copy": words,
        "loop": items,
        "loop_control": {"label": "{{ item.dest }}"},
        "tags": ["files"],
    }


def _digest_tasks(files: list[Kept]) -> Iterator[Task]:
    sums = "".join(f"{_digest(file)}  {file.path}\n" for file in files)
    check = {"cmd": "sha256sum --check --strict --quiet", "stdin": sums}
    yield {"name": "files, by digest", "command": check, **READ_ONLY}
    states = [f"{file.mode:o} {file.owner} {file.path}" for file in files]
    paths = " ".join(file.path for file in files)
    yield from _look("files, by owner and mode", f"stat -c '%a %u %n' {paths}", _all(states))


def _stack(wanted: Wanted) -> Iterator[Task]:
    settings, catalog = wanted.settings, wanted.catalog
    link = {
        "src": f"releases/{wanted.release.digest}",
        "dest": f"{settings.stack_home}/current",
        "state": "link",
    }
    yield {"file": {**link, "follow": False}}
    lists = [name for name, service in catalog.services.items() if service.verifies_keys]
    clients = f"{settings.stack_home}/clients/{{{{ item }}}}/clients.json"
    yield {"name": "lists of clients", "file": {"path": clients, "mode": "0400"}, "loop": lists}
    networks = [f"{one.name} {str(one.internal).lower()} strict" for one in catalog.networks()]
    yield from _inspect("network", "{{.Name}} {{.Internal}} {{.Options.isolate}}", networks)
    yield from _inspect("secret", "{{.Spec.Name}}", list(catalog.generated_secrets()))
    yield from _look(
        "images",
        f"{AS_STACK} podman images --format '{_raw('{{.Repository}}:{{.Tag}}')}'",
        _all([wanted.base.reference, *(image.reference for image in wanted.images.values())]),
    )
    state = '{{.Name}} {{.State.Status}} {{.State.Health.Status}} {{index .Config.Labels "garrison.config-digest"}}'
    services = [
        f"{one.container} running healthy {one.config_digest}" for one in wanted.release.services.values()
    ]
    yield from _inspect("container", state, services)


def _door(wanted: Wanted) -> Iterator[Task]:
    settings = wanted.settings
    yield {
        "name": "the door's socket",
        "systemd_service": {
            "name": "garrison-door.socket",
            "scope": "user",
            "state": "started",
            "enabled": True,
        },
        "become_user": settings.stack_user,
        "vars": {"ansible_remote_tmp": f"{REMOTE}-stack"},
        "environment": {"XDG_RUNTIME_DIR": f"/run/user/{settings.stack_uid}"},
    }
    certificate = f"{settings.stack_home}/tls/live/ecdsa.crt"
    yield from _look(
        "the certificate",
        f"openssl x509 -in {certificate} -noout -checkend 2592000 -ext subjectAltName",
        " and ".join(
            f"'{name}' in found.stdout | lower" for name in settings.server_names if ":" not in name
        ),
    )
    yield from _look("proofs", "ls /var/lib/garrison/proven", _all(["1.1", "2.2", "2.3", "2.5"]))
    listeners = [
        f"{f'[{host}]' if ':' in host else host}:{port}" for host, port in declared_listeners(wanted)
    ]
    ours = f"found.stdout_lines | select('search', 'uid:{settings.stack_uid} ') | map('split') | map(attribute=4)"
    yield from _look(
        "listeners", "ss -Htulnpe", f"{ours} | symmetric_difference({sorted(listeners)}) | length == 0"
    )


def _inspect(kind: str, form: str, lines: list[str]) -> Iterator[Task]:
    names = " ".join(line.split()[0] for line in lines)
    words = f"{AS_STACK} podman {kind} inspect --format '{_raw(form)}' {names}"
    yield from _look(f"{kind}s", words, _all(lines))


def _look(name: str, line: str, condition: str) -> Iterator[Task]:
    kind = "shell" if ";" in line else "command"
    yield {"name": name, kind: line, "register": "found", **READ_ONLY}
    yield {"name": f"{name} are as wanted", "assert": {"that": [condition], "quiet": True}}


def _all(lines: list[str]) -> str:
    return f"{lines} | difference(found.stdout_lines) | length == 0"


def _raw(text: str) -> str:
    return "{% raw %}" + text + "{% endraw %}"


def _digest(file: Kept) -> str:
    return hashlib.sha256(file.content).hexdigest()
