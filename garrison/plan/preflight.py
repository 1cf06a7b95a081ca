"""Phase 0: everything that would stop a deploy, found at once and before the first change."""

from garrison.catalog.size import parse_size
from garrison.hardening.firewall import FILE as FIREWALL
from garrison.plan.exposure import declared_listeners, find_undeclared
from garrison.plan.shipping import RIVALS
from garrison.plan.wanted import Wanted
from garrison.problem import Problem
from garrison.snapshot.model import Snapshot

GIB = 1024**3
DISK_FOR_IMAGES = 8 * GIB
DISK_FOR_CHANGES = 2 * GIB
MEMORY = 2 * GIB
CLOCK_SKEW = 120.0
DEBIAN = 13


def find_problems(host: str, snapshot: Snapshot, wanted: Wanted, now: float) -> list[Problem]:
    """Every reason not to begin on this host; ``now`` is the controller's clock in seconds."""
    found = [
        *_system(snapshot),
        *_way_in(wanted),
        *_resources(snapshot, wanted),
        *_clock(snapshot, now),
        *_account(snapshot, wanted),
        *_podman(snapshot),
        *_syslog(snapshot, wanted),
        *_ports(snapshot, wanted),
        *_cut_off(snapshot, wanted),
        *_lock(snapshot),
    ]
    return [
        Problem(where=host, id=f"preflight.{key}", what=what, remedy=remedy) for key, what, remedy in found
    ]


Finding = tuple[str, str, str]


def _system(snapshot: Snapshot) -> list[Finding]:
    found: list[Finding] = []
    system = snapshot.os
    if system["ID"] != "debian" or not system["VERSION_ID"].isdigit() or int(system["VERSION_ID"]) < DEBIAN:
        name = system["PRETTY_NAME"] or "an unknown system"
        found.append(
            ("os", f"the host runs {name}.", "Garrison supports Debian 13; install or upgrade to it.")
        )
    if snapshot.architecture not in ("x86_64", "aarch64"):
        found.append(("architecture", f"the processor is {snapshot.architecture}.", "Use x86_64 or aarch64."))
    if snapshot.init != "systemd":
        found.append(("init", f"process 1 is {snapshot.init!r}, not systemd.", "Boot the host with systemd."))
    if snapshot.euid != 0:
        found.append(
            (
                "sudo",
                "commands don't run as root.",
                "Give the SSH user sudo and set _sudo = True in the inventory.",
            )
        )
    namespaces = snapshot.user_namespaces
    if namespaces.max == 0 or namespaces.unprivileged_clone == 0:
        key = "kernel.unprivileged_userns_clone=1" if namespaces.max else "user.max_user_namespaces=28633"
        found.append(
            (
                "user-namespaces",
                "user namespaces are switched off.",
                f"Rootless Podman needs them: sysctl -w {key}.",
            )
        )
    return found


def _way_in(wanted: Wanted) -> list[Finding]:
    """Whoever deploys must come in tomorrow by the way that the hardening leaves open."""
    way, found = wanted.settings.way_in, []
    key = "ssh-copy-id USER@HOST puts a key there; then take ssh_password out of the inventory."
    user = "Make a user with a key and with sudo that asks for no password, and set ssh_user to it."
    sudo = "Give the SSH user NOPASSWD in a file below /etc/sudoers.d and take _sudo_password out of the inventory."
    if way.user == "root":
        found.append(("root", "whoever deploys comes in as root, which sshd will refuse.", user))
    if way.by_password:
        found.append(("no-key", "whoever deploys comes in with a password, which sshd will refuse.", key))
    if way.sudo_by_password:
        found.append(("sudo-password", "sudo asks whoever deploys for a password.", sudo))
    return found


def _resources(snapshot: Snapshot, wanted: Wanted) -> list[Finding]:
    found: list[Finding] = []
    need = DISK_FOR_CHANGES if snapshot.current else DISK_FOR_IMAGES
    home = wanted.settings.stack_home
    if snapshot.disk.free < need:
        free = f"{snapshot.disk.free / GIB:.1f} GiB"
        found.append(
            (
                "disk",
                f"{free} are free at {home}, {need / GIB:.0f} GiB are needed.",
                "Free space or set stack_home.",
            )
        )
    options = set((snapshot.disk.mount or "").split(" ")[0].split(","))
    if bad := options & {"noexec", "nodev", "ro"}:
        found.append(
            (
                "mount",
                f"{home} lies on a file system mounted {', '.join(sorted(bad))}.",
                "Set stack_home elsewhere.",
            )
        )
    if snapshot.memory is not None and snapshot.memory < MEMORY:
        found.append(
            (
                "memory",
                f"the host has {snapshot.memory / GIB:.1f} GiB of memory.",
                f"Give it {MEMORY / GIB:.0f} GiB.",
            )
        )
    for name, service in wanted.catalog.services.items():
        if snapshot.memory is not None and parse_size(service.limits.memory) > snapshot.memory:
            what = f"{name} may use {service.limits.memory}, more than the host's whole memory."
            found.append(("limit", what, f"Lower limits.memory of {name} or use a bigger host."))
    return found


def _clock(snapshot: Snapshot, now: float) -> list[Finding]:
    skew = snapshot.time - now
    if abs(skew) <= CLOCK_SKEW:
        return []
    side = "ahead of" if skew > 0 else "behind"
    what = f"its clock is {abs(skew):.0f} s {side} this machine's."
    return [("clock", what, "Certificates would not be valid: set the time (timedatectl set-ntp true).")]


def _account(snapshot: Snapshot, wanted: Wanted) -> list[Finding]:
    settings, account = wanted.settings, snapshot.account
    if account.exists and account.uid != settings.stack_uid:
        what = f"user {settings.stack_user} has uid {account.uid}, not {settings.stack_uid}."
        return [("uid", what, f"Set stack_uid = {account.uid} or another stack_user.")]
    if account.exists and account.home != settings.stack_home:
        what = f"the home of {settings.stack_user} is {account.home}, not {settings.stack_home}."
        return [
            (
                "home",
                what,
                f"Set stack_home = {account.home}; moving a stack needs hands (docs/operating.md).",
            )
        ]
    if not account.exists and account.uid_holder:
        what = f"uid {settings.stack_uid} belongs to user {account.uid_holder}."
        return [("uid", what, "Set a free stack_uid in the inventory.")]
    return []


def _podman(snapshot: Snapshot) -> list[Finding]:
    """What can't be read isn't empty: a stack that runs must not be taken for one that isn't there."""
    if not snapshot.account.bus or "podman" not in snapshot.packages:
        return []
    asked = {
        "containers": snapshot.containers,
        "networks": snapshot.networks,
        "secrets": snapshot.secrets,
        "images": snapshot.images,
    }
    silent = [name for name, answer in asked.items() if answer is None]
    if not silent:
        return []
    what = f"Podman of the stack user doesn't tell its {', '.join(silent)}."
    return [
        ("podman", what, "Look at: sudo /usr/local/lib/garrison/as-stack podman ps --all; then run again.")
    ]


def _syslog(snapshot: Snapshot, wanted: Wanted) -> list[Finding]:
    """Whoever writes the host's logs is not removed for the one that sends them on."""
    there = snapshot.host.packages if snapshot.host else frozenset(snapshot.packages)
    rivals = sorted(there & set(RIVALS))
    if not rivals or wanted.settings.log_shipping is None:
        return []
    what = f"{', '.join(rivals)} is installed, and Debian doesn't let rsyslog, which log_shipping needs, beside it."
    return [
        ("syslog", what, "Remove it, or take log_shipping out of the inventory and let it send the logs.")
    ]


def _ports(snapshot: Snapshot, wanted: Wanted) -> list[Finding]:
    ours = snapshot.account.uid if snapshot.account.exists else None
    taken = {
        listener.port: listener
        for listener in snapshot.listeners or ()
        if listener.protocol == "tcp" and listener.uid != ours
    }
    found: list[Finding] = []
    for name, service in wanted.catalog.services.items():
        ports = list(service.publish.values())
        if service.door:
            ports += [service.door.http, service.door.https]
        for port in ports:
            if listener := taken.get(port):
                by = listener.process or "another program"
                what = f"port {port} of {name} is taken by {by} ({listener})."
                found.append(("port", what, f"Stop it, or change the port in {name}/service.yaml."))
    return found


def _cut_off(snapshot: Snapshot, wanted: Wanted) -> list[Finding]:
    """What others are reached by today, and would no longer be once the firewall stands."""
    if snapshot.host is None or snapshot.host.texts.get(FIREWALL) is not None:
        return []
    remedy = "List it in allowed_listeners in the inventory, bind it to 127.0.0.1, or stop it."
    return [
        ("cut-off", f"{one.process or 'a program'} listens at {one}, which the firewall would close.", remedy)
        for one in find_undeclared(snapshot, wanted)
        if (one.address, one.port) not in declared_listeners(wanted)  # a port of ours is told above
    ]


def _lock(snapshot: Snapshot) -> list[Finding]:
    if snapshot.lock is None:
        return []
    what = (
        f"{snapshot.lock.who} has been deploying to it since {snapshot.lock.since} (run {snapshot.lock.run})."
    )
    return [("lock", what, "Wait until that run has ended; the lock goes with its connection.")]
