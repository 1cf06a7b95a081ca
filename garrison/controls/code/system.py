"""The host's clock, boot, storage and daemons, where no single option says whether they are as they should be."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from garrison.controls.code.registry import judges
from garrison.controls.finding import Found, unseen
from garrison.controls.seen import Seen
from garrison.snapshot.host_model import HostFacts

TIMESYNCD = "systemd/timesyncd.conf"
TIME_DAEMONS = ("chrony.service", "ntpsec.service", "openntpd.service", "systemd-timesyncd.service")
_MAIL = (25, 465, 587)
_LOOPBACK = ("127.", "::1")


@judges("one-time-daemon")
def judge_time(seen: Seen) -> Iterator[Found]:
    """Exactly one daemon disciplines the clock, and the kernel knows that it is right."""
    if seen.host is None:
        yield unseen("clock")
        return
    running = [
        name for name in TIME_DAEMONS if (unit := seen.host.units.get(name)) and unit.active == "active"
    ]
    if not running:
        yield Found(where="clock", what="no time daemon runs.")
    elif len(running) > 1:
        yield Found(where="clock", what=f"several time daemons run: {', '.join(running)}.")
    if seen.host.kernel.synchronized is None:
        yield unseen("clock", "the kernel didn't say whether it is synchronized.")
    elif not seen.host.kernel.synchronized:
        yield Found(where="clock", what="the clock isn't synchronized.")


def time_servers(host: HostFacts) -> Mapping[str, str] | None:
    """Whom systemd-timesyncd is told to ask, by key; empty where nobody says, None where nobody looked."""
    values = host.config.get(TIMESYNCD)
    if values is None:
        return None
    return {key: value for key in ("NTP", "FallbackNTP") if (value := values.get(f"Time.{key}")) is not None}


@judges("time-servers-are-named")
def judge_time_servers(seen: Seen) -> Iterator[Found]:
    """At least one key names at least one."""
    said = time_servers(seen.host) if seen.host else None
    if said is None:
        yield unseen(TIMESYNCD)
    elif not any(said.values()):
        yield Found(where=TIMESYNCD, what="neither NTP nor FallbackNTP names a server.")


@judges("kernel-uses")
def judge_kernel(seen: Seen, *, what: Literal["apparmor", "audit"]) -> Iterator[Found]:
    """AppArmor, or audit, is switched on in the kernel itself."""
    if seen.host is None:
        yield unseen(what)
        return
    kernel, audit = seen.host.kernel, seen.host.audit
    is_usable = kernel.apparmor if what == "apparmor" else kernel.audit
    if is_usable is None or (what == "audit" and is_usable and audit is None):
        yield unseen(what, "the kernel didn't answer.")
    elif not is_usable or (what == "audit" and audit is not None and not audit.enabled):
        yield Found(
            where=what, what="it is off in the kernel.", remedy="Switch it on at boot, and start anew."
        )


@judges("boots-with")
def judge_boot(seen: Seen, *, words: list[str]) -> Iterator[Found]:
    """Words that the running kernel was started with."""
    if seen.host is None:
        yield unseen("/proc/cmdline")
        return
    given = seen.host.kernel.command_line.split()
    yield from (
        Found(where="/proc/cmdline", what=f"the kernel was started without {word}.")
        for word in words
        if word not in given
    )


@judges("profiles-enforce")
def judge_profiles(seen: Seen, *, as_shipped: Sequence[str]) -> Iterator[Found]:
    """No AppArmor profile that only complains, but for those that Debian brings so.

    One marked unconfined names a program and lets it all, on purpose.
    """
    if seen.host is None or seen.host.kernel.profiles is None:
        yield unseen("AppArmor", "its profiles couldn't be read.")
        return
    for name, mode in sorted(seen.host.kernel.profiles.items()):
        if mode == "complain" and name not in as_shipped:
            yield Found(where=f"profile {name}", what="it only complains.")


@judges("audit-is-locked")
def judge_audit_lock(seen: Seen) -> Iterator[Found]:
    """The kernel takes no changes of its audit rules before the next boot."""
    if seen.host is None or seen.host.audit is None:
        yield unseen("audit", "the kernel's audit didn't answer.")
    elif seen.host.audit.enabled != 2:
        yield Found(where="audit", what="it isn't locked.")


@judges("storage-is-apart")
def judge_storage(seen: Seen) -> Iterator[Found]:
    """The stack's home lies on a file system that isn't the root's."""
    if seen.host is None:
        yield unseen("mounts")
        return
    home = f"{seen.wanted.settings.stack_home}/"
    around = [one for one in seen.host.mounts if home.startswith(f"{one.path.rstrip('/')}/")]
    if max((len(one.path) for one in around), default=1) == 1:
        yield Found(where=home.rstrip("/"), what="it lies on the root file system.")


@judges("mail-is-local")
def judge_mail(seen: Seen) -> Iterator[Found]:
    """A mail server listens on loopback or nowhere."""
    if seen.snapshot.listeners is None:
        yield unseen("listeners")
        return
    for one in seen.snapshot.listeners:
        if one.protocol == "tcp" and one.port in _MAIL and not one.address.startswith(_LOOPBACK):
            yield Found(
                where=f"tcp/{one.port} on {one.address}", what="a mail server takes mail from others."
            )
