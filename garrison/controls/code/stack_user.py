"""The user whom the stack runs as: nobody else's ids, no group, no login, and a session that lasts."""

from collections.abc import Iterator

from garrison.controls.code.registry import judges
from garrison.controls.finding import Found, unseen
from garrison.controls.seen import Seen

NEEDED = 65536
NO_LOGIN = ("/usr/sbin/nologin", "/sbin/nologin", "/bin/false", "/usr/bin/false")
HELPERS = ("/usr/bin/newuidmap", "/usr/bin/newgidmap")
SETUID, FOREIGN_WRITE = 0o4000, 0o022
OFF = ("inactive", "failed", "")
Range = tuple[str, int, int]


@judges("subordinate-ids-are-its-own")
def judge_subordinate(seen: Seen) -> Iterator[Found]:
    """Enough of them, and none that another user has too."""
    user = seen.wanted.settings.stack_user
    for path in ("/etc/subuid", "/etc/subgid"):
        text = seen.host.texts.get(path) if seen.host else None
        if text is None:
            yield unseen(path)
            continue
        ranges = list(_ranges(text))
        own = [one for one in ranges if one[0] == user]
        if sum(count for _, _, count in own) < NEEDED:
            yield Found(where=path, what=f"{user} has fewer than {NEEDED} ids.")
        for name in sorted({other[0] for other in ranges if other[0] != user and _meets(other, own)}):
            yield Found(where=path, what=f"{name} has ids of {user}.")


def _ranges(text: str) -> Iterator[Range]:
    for line in text.splitlines():
        name, _, rest = line.partition(":")
        start, _, count = rest.partition(":")
        if start.isdigit() and count.isdigit():
            yield name, int(start), int(count)


def _meets(other: Range, own: list[Range]) -> bool:
    _, start, count = other
    return any(start < first + size and first < start + count for _, first, size in own)


@judges("id-map-helpers-may-map")
def judge_helpers(seen: Seen) -> Iterator[Found]:
    """Debian's are setuid; without that the kernel lets them map one id."""
    for path in HELPERS:
        found = seen.host.files.get(path, {}).get(path) if seen.host else None
        if found is None or found.mode is None:
            yield unseen(path, "there is no such program.")
        elif not found.mode & SETUID or found.uid != 0:
            yield Found(where=path, what="it isn't setuid root, so that it can't map ids.")
        elif found.mode & FOREIGN_WRITE:
            yield Found(where=path, what=f"its mode is {found.mode:04o}: others than root may write it.")


@judges("stack-user-lingers")
def judge_lingering(seen: Seen) -> Iterator[Found]:
    """Its systemd runs without a login, and logind ends nothing at logout."""
    user = f"user {seen.wanted.settings.stack_user}"
    if not seen.snapshot.account.linger:
        yield Found(where=user, what="it doesn't linger: nothing of it starts at boot.")
    if not seen.snapshot.account.bus:
        yield Found(where=user, what="its systemd doesn't run.")
    logind = seen.host.config.get("systemd/logind.conf") if seen.host else None
    if logind is None:
        yield unseen("systemd/logind.conf")
    elif logind.get("Login.KillUserProcesses", "no").lower() in ("yes", "true", "on", "1"):
        what = "KillUserProcesses is on, which ends what runs when the last session does."
        yield Found(where="systemd/logind.conf", what=what)


@judges("stack-user-is-nobody")
def judge_identity(seen: Seen) -> Iterator[Found]:
    """No login shell, no password, no group but its own."""
    name = seen.wanted.settings.stack_user
    where = f"user {name}"
    account = next((one for one in seen.host.accounts if one.name == name), None) if seen.host else None
    if account is None or seen.host is None:
        yield unseen(where, "there is no such user.")
        return
    if account.shell not in NO_LOGIN:
        yield Found(where=where, what=f"its shell is {account.shell}: it can log in.")
    if account.password != "locked":  # noqa: S105 - the state of a password, not one
        yield Found(where=where, what="its password isn't locked.")
    if account.uid == 0:
        yield Found(where=where, what="it is root.")
    for group in seen.host.groups:
        if name in group.members and group.gid != account.gid:
            yield Found(where=where, what=f"it is in the group {group.name}.")


@judges("user-socket-is-off")
def judge_socket(seen: Seen) -> Iterator[Found]:
    """Garrison needs no socket of the engine: it asks podman itself."""
    if seen.snapshot.user_units is None:
        yield unseen("podman.socket", "the stack user's systemd gave no answer.")
        return
    unit = seen.snapshot.user_units.get("podman.socket")
    if unit is None:
        yield unseen("podman.socket", "the stack user's systemd didn't tell of it.")
    elif unit.active not in OFF:
        yield Found(where="podman.socket", what=f"of the stack user, it is {unit.active}.")
    elif not unit.enabled.startswith("masked"):
        state = unit.enabled or "not masked"
        yield Found(where="podman.socket", what=f"of the stack user, it is {state}: any login may start it.")
