"""The files that phase 1.1 keeps in place on a host."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from garrison.plan.laying import STATE
from garrison.plan.step import LIB
from garrison.render.places import HOST_METRICS
from garrison.render.version import VERSION
from garrison.settings import HostSettings
from garrison.shipping import LogShipping
from garrison.snapshot.model import FileState

HOSTSIDE = Path(__file__).parent.parent / "hostside"
# What is measured where somebody shows it, by the names of its units.
MEASURING = (CONTAINERS, GPUS, LOGS) = ("containers", "gpus", "logs")
SHIPPING_UNIT = "garrison-shipping"
_SHIPPING, _COLLECTORS_CA = "/etc/garrison/shipping.conf", "/etc/garrison/shipping-ca.crt"
_SHIPS = f"/usr/local/lib/systemd/system/{SHIPPING_UNIT}.service"
# A file that has it start at boot: a link could only be made by a step of its own.
_STARTS = f"/usr/local/lib/systemd/system/multi-user.target.d/50-{SHIPPING_UNIT}.conf"
SHIPPING_FILES = (_SHIPPING, _COLLECTORS_CA, _SHIPS, _STARTS)
BROUGHT = f"{STATE}/brought-rsyslog"  # the package came with log_shipping, so it goes with it
_TRUSTED = "/etc/ssl/certs/ca-certificates.crt"


@dataclass(frozen=True, kw_only=True)
class HostFile:
    """Content, mode and owner (root, or the stack user below its own folders).

    ``reloads`` names what has to be told when it changes.
    """

    mode: int
    content: bytes = field(repr=False)
    reloads: str | None = None
    owner: int = 0

    def is_in_place(self, found: FileState | None) -> bool:
        """Whether the host has exactly this file."""
        return (
            found is not None
            and found.sha256 == sha256(self.content).hexdigest()
            and (found.mode, found.uid) == (self.mode, self.owner)
            and (found.gid == 0 or self.owner != 0)
        )


def render_host_files(
    settings: HostSettings,
    templates: Path,
    compose: bytes,
    delegated: frozenset[str],
    *,
    measured: Iterable[str],
) -> Mapping[str, HostFile]:
    """Every file of phase 1.1 by its absolute path.

    ``compose`` is the pinned podman-compose program; ``delegated`` are the cgroup controllers that the
    stack user will get, because Podman must not ask for a pids limit where there is no such controller.
    ``measured`` are those of ``MEASURING`` that a timer measures there.
    Raises ProblemError-free OSError only when the installation itself is damaged.
    """
    environment = _environment(templates)
    context = {"settings": settings, "delegated": delegated, "lib": LIB, "unit": SHIPPING_UNIT}

    def rendered(template: str) -> bytes:
        return environment.get_template(template).render(context).encode()

    home = settings.stack_home
    files = {
        f"{home}/.config/containers/containers.conf.d/50-garrison.conf": HostFile(
            mode=0o644, content=rendered("podman/containers.conf.j2"), owner=settings.stack_uid
        ),
        f"{home}/.config/containers/storage.conf": HostFile(
            mode=0o644, content=rendered("podman/storage.conf.j2"), owner=settings.stack_uid
        ),
        "/etc/systemd/system/user@.service.d/50-garrison-delegate.conf": HostFile(
            mode=0o644, content=rendered("systemd/delegate.conf.j2"), reloads="manager"
        ),
        "/etc/systemd/system/garrison-guard.service": HostFile(
            mode=0o644, content=rendered("systemd/garrison-guard.service.j2"), reloads="manager"
        ),
        **{
            f"/etc/systemd/system/{name}": HostFile(
                mode=0o644, content=rendered(f"systemd/{name}.j2"), reloads="manager"
            )
            for name in ("garrison-renewal.service", "garrison-renewal.timer")
        },
        f"{LIB}/podman_compose.py": HostFile(mode=0o644, content=compose),
        f"{LIB}/hooks.d/wall.json": HostFile(mode=0o644, content=rendered("podman/wall.json.j2")),
        **_timed("walls", rendered),
        **_timed("probe", rendered),
        **_journal_files(rendered),
    }
    for name in measured:
        files |= _timed(name, rendered)
    files[str(HOST_METRICS / "garrison.prom")] = HostFile(mode=0o644, content=_measure_version())
    if settings.log_shipping:
        files |= _shipping_files(settings.log_shipping, environment, context)
    for number, path in enumerate(settings.extra_ca_certificates):
        target = f"/usr/local/share/ca-certificates/garrison-{number}-{path.stem}.crt"
        files[target] = HostFile(mode=0o644, content=path.read_bytes(), reloads="certificates")
    for program in sorted(HOSTSIDE.iterdir()):
        if program.is_file() and program.suffix not in {".py", ".pyc"}:
            files[f"{LIB}/{program.name}"] = HostFile(
                mode=0o755, content=_fill(program.read_bytes(), settings)
            )
    return files


@cache
def _environment(templates: Path) -> Environment:
    """It compiles each template once, for all hosts of a run, and again when the file has changed."""
    return Environment(  # noqa: S701 - configuration files, not HTML
        loader=FileSystemLoader(templates), undefined=StrictUndefined, keep_trailing_newline=True
    )


def units_of(name: str) -> tuple[str, str, str]:
    """Where the units of what a timer runs lie: service, timer, and the file that enables the timer."""
    top, unit = "/etc/systemd/system", f"garrison-{name}"
    # A file that enables it: a link could only be made by a step of its own.
    return f"{top}/{unit}.service", f"{top}/{unit}.timer", f"{top}/timers.target.d/50-{unit}.conf"


def _journal_files(rendered: Callable[[str], bytes]) -> Mapping[str, HostFile]:
    """What brings the journal back to the disk, where it was full."""
    top, path = "/etc/systemd/system", "garrison-journal.path"
    contents = {
        f"{top}/garrison-journal.service": rendered("systemd/garrison-journal.service.j2"),
        f"{top}/{path}": rendered(f"systemd/{path}.j2"),
        f"{top}/paths.target.d/50-garrison-journal.conf": f"[Unit]\nWants={path}\n".encode(),
    }
    return {name: HostFile(mode=0o644, content=text, reloads="journal") for name, text in contents.items()}


def _timed(name: str, rendered: Callable[[str], bytes]) -> Mapping[str, HostFile]:
    """The units of what a timer runs, which is told when they change."""
    service, timer, wants = units_of(name)
    contents = {
        service: rendered(f"systemd/{Path(service).name}.j2"),
        timer: rendered(f"systemd/{Path(timer).name}.j2"),
        wants: f"[Unit]\nWants={Path(timer).name}\n".encode(),
    }
    return {path: HostFile(mode=0o644, content=content, reloads=name) for path, content in contents.items()}


def _shipping_files(
    shipping: LogShipping, environment: Environment, context: Mapping[str, object]
) -> dict[str, HostFile]:
    own = shipping.ca.read_bytes() if shipping.ca else None
    words = {**context, "shipping": shipping, "authorities": _TRUSTED if own is None else _COLLECTORS_CA}
    contents = {
        _SHIPPING: environment.get_template("rsyslog/shipping.conf.j2").render(words).encode(),
        _SHIPS: environment.get_template("systemd/garrison-shipping.service.j2").render(words).encode(),
        _STARTS: f"[Unit]\nWants={SHIPPING_UNIT}.service\n".encode(),
        **({} if own is None else {_COLLECTORS_CA: own}),
    }
    return {path: HostFile(mode=0o644, content=one, reloads="shipping") for path, one in contents.items()}


def _measure_version() -> bytes:
    """What was deployed; it also has the folder there before a container is given it."""
    name = "garrison_info"
    lines = (
        f"# HELP {name} 1, labelled by what was deployed.",
        f"# TYPE {name} gauge",
        f'{name}{{version="{VERSION}"}} 1',
    )
    return "".join(f"{line}\n" for line in lines).encode()


def _fill(program: bytes, settings: HostSettings) -> bytes:
    """``as-stack`` is a shell script and can't read JSON: its three facts are written into it."""
    for name, value in (
        (b"@STACK_USER@", settings.stack_user),
        (b"@STACK_UID@", str(settings.stack_uid)),
        (b"@STACK_HOME@", settings.stack_home),
    ):
        program = program.replace(name, value.encode())
    return program
