"""Phase 1.1: whether the host sends its journal to a collector; Debian's rsyslog does it, as a unit of our own."""

from collections.abc import Iterator

from garrison.plan.dpkg import APT_GET, CONFIGURE
from garrison.plan.hostfiles import BROUGHT, SHIPPING_FILES, SHIPPING_UNIT
from garrison.plan.laying import STATE, withdraw_line
from garrison.plan.question import SHIPPING_PACKAGES
from garrison.plan.reloads import mark, take_effect
from garrison.plan.step import Command, Step, sh
from garrison.plan.wanted import Wanted
from garrison.snapshot.model import Snapshot

# Each of them would be removed for rsyslog: Debian has one system-log-daemon on a host.
RIVALS = ("busybox-syslogd", "inetutils-syslogd", "socklog-run", "syslog-ng-core")
_TRACES = (*SHIPPING_FILES, BROUGHT, mark("shipping"))
# How far it has come in the journal, where systemd keeps that of a unit with a user of its own: a link, and a folder.
POSITION = (f"/var/lib/{SHIPPING_UNIT}", f"/var/lib/private/{SHIPPING_UNIT}")
_OF_DEBIAN = "rsyslog.service"
_UNIT_FILE = next(path for path in SHIPPING_FILES if path.endswith(".service"))
_REMOVE = (
    f"test ! -e {BROUGHT} || "
    f"{{ {CONFIGURE} && {APT_GET} purge -y {' '.join(SHIPPING_PACKAGES)} && "
    f"systemctl unmask {_OF_DEBIAN} && rm -f {BROUGHT}; }}"
)


def keep_from_starting(snapshot: Snapshot, wanted: Wanted) -> Iterator[Step]:
    """As it comes, the package writes a second journal to /var/log. Who had it already keeps what it does."""
    if wanted.settings.log_shipping and SHIPPING_PACKAGES[0] not in snapshot.packages:
        yield Step(
            title=f"keep {_OF_DEBIAN} from starting",
            why="its package is about to come, and a unit of ours runs it",
            commands=(
                sh("mkdir", "-p", STATE),
                sh("touch", BROUGHT),
                sh("systemctl", "mask", _OF_DEBIAN),
            ),
        )


def keep_sending(snapshot: Snapshot, wanted: Wanted) -> Iterator[Step]:
    """Start what somebody stopped, unless this run starts it anyway: for new files, or for a run that was cut short."""
    if snapshot.host is None or not wanted.settings.log_shipping or _is_about_to_start(snapshot, wanted):
        return
    unit = snapshot.host.units.get(f"{SHIPPING_UNIT}.service")
    if unit is None or unit.active != "active":
        yield Step(
            title="send the journal again",
            why=f"{SHIPPING_UNIT}.service is {unit.active if unit else 'unknown'}",
            commands=(take_effect("shipping"),),
        )


def _is_about_to_start(snapshot: Snapshot, wanted: Wanted) -> bool:
    files = {path: wanted.host_files[path] for path in SHIPPING_FILES if path in wanted.host_files}
    changes = any(not file.is_in_place(snapshot.files.get(path)) for path, file in files.items())
    return changes or snapshot.files.get(mark("shipping")) is not None


def end_shipping(snapshot: Snapshot, wanted: Wanted) -> Iterator[Step]:
    """Take away what was laid down and isn't wanted, and the packages where nobody but us had them installed."""
    left = [
        path
        for path in SHIPPING_FILES
        if snapshot.files.get(path) is not None and path not in wanted.host_files
    ]
    # After the packages: while they are there, the next run knows that something is left to do.
    withdraw = Command(line=withdraw_line(left))
    if wanted.settings.log_shipping:
        if left:
            yield Step(title=f"withdraw {', '.join(left)}", why="no longer wanted", commands=(withdraw,))
    elif any(snapshot.files.get(path) is not None for path in _TRACES):
        yield Step(
            title="send the journal to nobody any more",
            why="the inventory names no collector",
            commands=(
                Command(line=f"test ! -e {_UNIT_FILE} || systemctl stop {SHIPPING_UNIT}.service"),
                Command(line=_REMOVE, timeout=900),
                sh("rm", "-rf", *POSITION),
                withdraw,
                take_effect("shipping"),
            ),
        )
