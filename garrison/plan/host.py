"""Phase 1.1: packages, the stack user, and the files that rootless Podman works by."""

from collections.abc import Iterator

from garrison.plan.dpkg import APT_GET, CONFIGURE
from garrison.plan.guarded import forget
from garrison.plan.hardening import hardening_packages, plan_before_packages, plan_hardening
from garrison.plan.hostfiles import HostFile
from garrison.plan.measuring import plan_unmeasured
from garrison.plan.reloads import plan_left_reloads, with_reloads
from garrison.plan.shipping import end_shipping, keep_from_starting, keep_sending
from garrison.plan.step import LIB, Command, PhasePlan, Step, as_stack, lay_files, sh
from garrison.plan.wanted import Wanted
from garrison.snapshot.model import Snapshot

SUBORDINATE_IDS = 65536
_FIRST_SUBORDINATE = 524288
BOOT_UNIT = "podman-restart.service"
ID_MAP_HELPERS = ("/usr/bin/newuidmap", "/usr/bin/newgidmap")
ENGINE_SOCKET = "podman.socket"
OWN_FOLDERS = (".cache", ".config", ".local")


def plan_host(snapshot: Snapshot, wanted: Wanted) -> PhasePlan:
    """What is missing of packages, account and files. The gate really runs a container's user namespace."""
    steps = (
        *_files_before_packages(snapshot, wanted),
        *plan_left_reloads(snapshot, _reloads_to_come(snapshot, wanted)),
        *plan_before_packages(snapshot, wanted),
        *keep_from_starting(snapshot, wanted),
        *_packages(snapshot, wanted),
        *_account(snapshot, wanted),
    )
    gate = Step(
        title="prove that rootless Podman works",
        why="phase 1.1 changed something",
        commands=(
            as_stack("podman", "unshare", "true"),
            Command(
                line=f"test \"$({LIB}/as-stack podman info --format '{{{{.Host.Security.Rootless}}}}')\" = true"
            ),
        ),
    )
    steps += (
        *_files(snapshot, wanted),
        *plan_unmeasured(snapshot, wanted),
        *keep_sending(snapshot, wanted),
        *end_shipping(snapshot, wanted),
        *plan_hardening(snapshot, wanted),
    )
    return PhasePlan(id="1.1", title="host", steps=(*steps, *forget(snapshot.guards, steps)), gate=gate)


def _packages(snapshot: Snapshot, wanted: Wanted) -> Iterator[Step]:
    missing = [name for name in wanted.packages if name not in snapshot.packages]
    missing += [name for name in hardening_packages(snapshot, wanted) if name not in missing]
    if missing:
        apt = f"{APT_GET} -o Dpkg::Options::=--force-confold"
        install = f"{apt} install --no-install-recommends -y {' '.join(missing)}"
        if "podman" in missing:  # a bare host: nothing runs yet that new versions could disturb
            install = f"{apt} upgrade --with-new-pkgs -y && {install}"
        yield Step(
            title=f"install {', '.join(missing)}",
            why="not installed",
            commands=(Command(line=f"{CONFIGURE} && {apt} update && {install}", timeout=1800),),
        )


def _account(snapshot: Snapshot, wanted: Wanted) -> Iterator[Step]:
    settings, account = wanted.settings, snapshot.account
    user, home = settings.stack_user, settings.stack_home
    if not account.exists:
        yield Step(
            title=f"create user {user}",
            why="it doesn't exist",
            commands=(
                sh("useradd", "--uid", str(settings.stack_uid), "--user-group", "--home-dir", home, "--create-home",
                   "--shell", "/usr/sbin/nologin", "--comment", "Garrison stack",
                   # It has no password to age, and PAM would bar its systemd by that age all the same.
                   "--key", "PASS_MAX_DAYS=-1", "--inactive", "-1", user),
            ),
        )  # fmt: skip
    found = account.home_file
    if not account.exists or found is None or (found.mode, found.uid) != (0o711, 0):
        yield Step(
            title=f"keep {home} root's, with folders of the stack user's own in it",
            why="whoever owns it could put links in the way of what root writes there",
            commands=(
                Command(line=_refuse_links(home)),
                # Root's from here on; its mode is as wanted only once all is there, so that a run cut short is noticed.
                sh("install", "-d", "-o", "root", "-g", "root", "-m", "1711", home),
                sh(
                    "install",
                    "-d",
                    "-o",
                    user,
                    "-g",
                    user,
                    "-m",
                    "0700",
                    *(f"{home}/{name}" for name in OWN_FOLDERS),
                ),
                sh("chmod", "0711", home),
            ),
        )
    if (
        not account.subuid
        or not account.subgid
        or min(account.subuid[1], account.subgid[1]) < SUBORDINATE_IDS
    ):
        yield Step(
            title=f"give {user} subordinate ids",
            why=f"it has fewer than {SUBORDINATE_IDS}",
            commands=(Command(line=_grant_subordinate_ids(user)),),
        )
    if not account.linger or not account.bus:
        yield Step(
            title=f"keep the session of {user} running",
            why="without linger nothing starts at boot and health timers don't run",
            commands=(
                sh("loginctl", "enable-linger", user),
                Command(
                    line=f"timeout 60 sh -c 'until [ -S /run/user/{settings.stack_uid}/bus ]; do sleep 0.2; done'"
                ),
            ),
        )


def _refuse_links(home: str) -> str:
    """A link in one of these places would have root give away what it points at."""
    tests = " && ".join(f"test ! -L {home}/{name}" for name in OWN_FOLDERS)
    return (
        f"{tests} || {{ echo 'a folder in {home} is a link: look at it, remove it, run again' >&2; exit 1; }}"
    )


def _grant_subordinate_ids(user: str) -> str:
    """useradd grants a range by itself where login.defs says so; ask again before adding one.

    The range begins after every range that is there, so that no two users share an id.
    """
    last = f"awk -F: -v n={_FIRST_SUBORDINATE} '$2+$3>n{{n=$2+$3}}END{{print n}}' /etc/subuid /etc/subgid"
    ids = f"$n-$((n+{SUBORDINATE_IDS - 1}))"
    return (
        f"touch /etc/subuid /etc/subgid; n=$({last}); "
        f"grep -q '^{user}:' /etc/subuid || usermod --add-subuids {ids} {user}; "
        f"grep -q '^{user}:' /etc/subgid || usermod --add-subgids {ids} {user}"
    )


def _outdated(snapshot: Snapshot, wanted: Wanted, *, before_packages: bool) -> dict[str, HostFile]:
    return {
        path: file
        for path, file in wanted.host_files.items()
        if not file.is_in_place(snapshot.files.get(path)) and _needs_no_package(path, file) is before_packages
    }


def _needs_no_package(path: str, file: HostFile) -> bool:
    return file.reloads == "certificates" or path.startswith("/etc/systemd/")


def _files_before_packages(snapshot: Snapshot, wanted: Wanted) -> Iterator[Step]:
    """A company's CA comes first: its package mirror may need it."""
    files = _outdated(snapshot, wanted, before_packages=True)
    if files:
        yield _lay("lay down system files", files, snapshot)


def _reloads_to_come(snapshot: Snapshot, wanted: Wanted) -> frozenset[str | None]:
    """Of what was wrong when an earlier run failed at it, the files that mend it come after packages."""
    later = {file.reloads for file in _outdated(snapshot, wanted, before_packages=False).values()}
    return frozenset(later if wanted.settings.log_shipping else {*later, "shipping"})


def _files(snapshot: Snapshot, wanted: Wanted) -> Iterator[Step]:
    files = _outdated(snapshot, wanted, before_packages=False)
    of_root = {path: file for path, file in files.items() if file.owner == 0}
    if of_root:
        yield _lay(f"lay down programs in {LIB}", of_root, snapshot)
    of_stack = {path: file for path, file in files.items() if file.owner != 0}
    if of_stack:
        yield _lay("lay down Podman's configuration", of_stack, snapshot, as_stack_user=True)
    boot = (snapshot.user_units or {}).get(BOOT_UNIT)
    if boot is None or boot.enabled != "enabled":
        yield Step(
            title="have containers start at boot",
            why=f"{BOOT_UNIT} of the stack user isn't enabled",
            commands=(as_stack("systemctl", "--user", "enable", "-q", BOOT_UNIT),),
        )
    yield from _engine_socket(snapshot)
    yield from _id_map_helpers(snapshot)
    if _is_outdated_delegation(snapshot, wanted):
        uid = wanted.settings.stack_uid
        yield Step(
            title="delegate cgroup controllers to the stack user",
            why="its systemd was started without them",
            commands=(
                sh("systemctl", "daemon-reload"),
                sh("systemctl", "restart", f"user@{uid}.service"),
                Command(line=f"timeout 60 sh -c 'until [ -S /run/user/{uid}/bus ]; do sleep 0.2; done'"),
            ),
        )


def _id_map_helpers(snapshot: Snapshot) -> Iterator[Step]:
    """Hardening guides and a careless chown take the setuid bit away; rootless Podman can't start without it (R04)."""
    files = snapshot.host.files if snapshot.host else {}
    spoilt = [
        path
        for path in ID_MAP_HELPERS
        if (found := files.get(path, {}).get(path)) and (found.mode, found.uid) != (0o4755, 0)
    ]
    if spoilt:
        yield Step(
            title=f"let {' and '.join(spoilt)} map ids",
            why="not setuid root, or others may write it",
            commands=(sh("chown", "root:root", *spoilt), sh("chmod", "4755", *spoilt)),
        )


def _engine_socket(snapshot: Snapshot) -> Iterator[Step]:
    """Debian starts it for every user who logs in; who writes to it has all that the stack user has (R08)."""
    socket = (snapshot.user_units or {}).get(ENGINE_SOCKET)
    if socket is None or socket.active == "active" or not socket.enabled.startswith("masked"):
        yield Step(
            title="switch the engine's socket off",
            why=f"{ENGINE_SOCKET} of the stack user can be started",
            commands=(
                as_stack("systemctl", "--user", "-q", "mask", "--now", ENGINE_SOCKET),
                as_stack("systemctl", "--user", "-q", "stop", "podman.service"),
            ),
        )


def _is_outdated_delegation(snapshot: Snapshot, wanted: Wanted) -> bool:
    return snapshot.account.bus and not wanted.delegated <= frozenset(snapshot.account.controllers)


def _lay(title: str, files: dict[str, HostFile], snapshot: Snapshot, *, as_stack_user: bool = False) -> Step:
    keys = [file.reloads for file in files.values() if file.reloads]
    count = f"{len(files)} {'file is' if len(files) == 1 else 'files are'} missing or different"
    content = {path: (file.mode, file.content) for path, file in files.items()}
    return with_reloads(lay_files(title, count, content, as_stack_user=as_stack_user), keys, snapshot)
