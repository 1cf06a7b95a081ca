"""The host itself, below the stack: what the controls compare with, and what has to be asked to know it.

``HostWant`` is ``want["host"]`` of the collector's question; without it ``Snapshot.host`` is None. Its keys:
``sysctl``: keys as sysctl writes them (net.ipv4.ip_forward) · ``modules``: names of kernel modules · ``files``:
absolute paths or globs · ``units``: names with their suffix (ssh.service), no templates · ``config``: files as in
``systemd-analyze cat-config`` (systemd/journald.conf) · ``texts``: absolute paths or globs (a glob's text is that of
its files in order of their names) · ``apt``: keys of apt's configuration · ``walks``: whether to walk the local file
systems, which costs seconds.

Everything else is told whenever there is a ``host`` in the question. None always means "couldn't be read".
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from garrison.snapshot.record import FileState, Found


class HostWant(BaseModel):
    """What a question asks about the host; ``joined`` puts the needs of several askers into one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sysctl: frozenset[str] = frozenset()
    modules: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    config: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    apt: frozenset[str] = frozenset()
    removals: frozenset[str] = frozenset()
    walks: bool = False

    def joined(self, other: "HostWant") -> "HostWant":
        """Everything that either asks for."""
        both = {name: getattr(self, name) | getattr(other, name) for name in type(self).model_fields}
        return HostWant(**both)

    def as_question(self) -> dict[str, list[str] | bool]:
        """For JSON, always in the same order."""
        return {
            name: value if isinstance(value, bool) else sorted(value)
            for name in type(self).model_fields
            for value in (getattr(self, name),)
        }


class Mount(Found):
    """What is mounted at a path, on top; ``options`` are the mount's own and the file system's."""

    path: str
    source: str
    fstype: str
    options: frozenset[str]


class Module(Found):
    """``loadable``: whether modprobe would load it (or has); None where the kernel's modules aren't to be seen."""

    loaded: bool
    loadable: bool | None = None


class Unit(Found):
    """As ``systemctl show`` says: LoadState (loaded, not-found, masked), UnitFileState, ActiveState."""

    load: str
    enabled: str
    active: str


class Audit(Found):
    """The kernel's audit: 0 off, 1 on, 2 on and locked. ``rules`` as auditctl -l prints them, none without auditctl."""

    enabled: int
    rules: tuple[str, ...] = ()
    backlog_limit: int | None = None
    failure: int | None = None


class Account(Found):
    """A line of /etc/passwd with what /etc/shadow says of it, except the hash itself.

    ``password``: ``none`` is an empty field (anybody gets in), None that shadow has no such line. ``hash`` is the
    method's name, also of a locked one. Days as in shadow(5); ``last_change`` counts from 1970. ``home_file`` is the
    home directory, ``dot_files`` what lies in it beginning with a dot, for who has a login shell.
    """

    name: str
    uid: int
    gid: int
    home: str
    shell: str
    password: Literal["locked", "none", "set"] | None
    hash: str | None = None
    shadowed: bool = True
    last_change: int | None = None
    min_days: int | None = None
    max_days: int | None = None
    warn_days: int | None = None
    inactive_days: int | None = None
    expires: int | None = None
    home_file: FileState | None = None
    dot_files: dict[str, FileState] = Field(default={})


class Group(Found):
    """A line of /etc/group."""

    name: str
    gid: int
    members: tuple[str, ...] = ()


class Kernel(Found):
    """What the machine is. ``container`` as systemd-detect-virt --container says (``none`` on a machine of its own).

    ``apparmor`` and ``audit``: whether this host can use the kernel's; ``profiles``: AppArmor's, name → mode.
    ``synchronized``: whether the kernel's clock is disciplined. ``boot_loader``: whether the host starts itself.
    """

    container: str
    release: str
    apparmor: bool | None
    audit: bool | None
    boot_loader: bool
    synchronized: bool | None = None
    command_line: str = ""
    profiles: dict[str, str] | None = None


class Walks(Found):
    """What only a walk over all local file systems finds, without container storage.

    ``world_writable`` are files, ``not_sticky`` world-writable directories without the sticky bit; ``unowned`` is
    what belongs to no user or no group, subordinate ids aside. ``upgrades`` are packages that apt would upgrade.
    """

    world_writable: tuple[str, ...] = ()
    not_sticky: tuple[str, ...] = ()
    unowned: tuple[str, ...] = ()
    setuid: tuple[str, ...] = ()
    setgid: tuple[str, ...] = ()
    upgrades: tuple[str, ...] | None = None


def _unread_are_none(value: Any) -> Any:
    return {} if value is None else value


class HostFacts(Found):
    """The host at one moment.

    ``sshd``: ``sshd -T``, lower-case option → values in order. ``sudo``: effective lines of sudoers and its drop-ins
    as ``FILE: TEXT``, in the order in which sudo reads them. ``firewall``: the document of ``nft -j list ruleset``.
    ``sshd_lines``: sshd's own files in the same way.
    ``kept_by``: of what might be removed and is there, the packages that would go as well; not told is not known.
    ``advertised_route``: whether a default route of IPv6 came by a router's advertisement.
    ``engine``: that of ``podman info`` as the stack user.
    ``files``: by the pattern that asked; a link's mode and owners are those of what it leads to. ``config``: file →
    ``Section.Key`` → the value in force, without built-in defaults. ``apt``: key that was asked → its values, none
    where it isn't set. ``texts``: None where there is no such file; ``texts_withheld`` are those of which all or a part
    isn't told: it can't be read, is too long, no UTF-8, or may hold a secret. ``login_defs``, ``groups`` and
    ``accounts`` are the files' lines, duplicates included.
    """

    sshd: dict[str, tuple[str, ...]] | None
    sysctl: dict[str, str | None]
    mounts: tuple[Mount, ...]
    modules: dict[str, Module]
    login_defs: Annotated[dict[str, str], BeforeValidator(_unread_are_none)]
    files: dict[str, dict[str, FileState]]
    packages: frozenset[str]
    units: dict[str, Unit]
    config: dict[str, dict[str, str]]
    texts: dict[str, str | None]
    texts_withheld: frozenset[str] = frozenset()
    apt: Annotated[dict[str, tuple[str, ...]], BeforeValidator(_unread_are_none)]
    audit: Audit | None
    sudo: tuple[str, ...] | None
    sshd_lines: tuple[str, ...] | None = None
    accounts: tuple[Account, ...]
    groups: tuple[Group, ...]
    firewall: dict[str, Any] | None
    engine: dict[str, Any] | None = None
    advertised_route: bool | None = None
    kept_by: dict[str, tuple[str, ...]] = Field(default={})
    kernel: Kernel
    walks: Walks | None = None

    def mount(self, path: str) -> Mount | None:
        """What is mounted at exactly this path."""
        return next((one for one in self.mounts if one.path == path), None)
