"""Phase 1.1: whether the host sends its journal to a collector; Debian's rsyslog does it, as a unit of our own."""

from collections.abc import Iterator

from garrison.plan.dpkg import CONFIGURE
from garrison.plan.hostfiles import SHIPPING_FILES, SHIPPING_UNIT
from garrison.plan.laying import withdraw_line
from garrison.plan.step import Command, Step, sh
from garrison.plan.wanted import SHIPPING_PACKAGES, Wanted
from garrison.snapshot.model import Snapshot

_OF_DEBIAN = "rsyslog.service"
_REMOVE = (
    f'test "$(systemctl is-enabled {_OF_DEBIAN} 2>/dev/null || true)" != masked || '
    f"{{ {CONFIGURE} && DEBIAN_FRONTEND=noninteractive apt-get -qq purge -y {' '.join(SHIPPING_PACKAGES)} && "
    f"systemctl unmask {_OF_DEBIAN}; }}"
)


def keep_from_starting(snapshot: Snapshot, wanted: Wanted) -> Iterator[Step]:
    """As it comes, the package writes a second journal to /var/log. Who had it already keeps what it does."""
    if wanted.settings.log_shipping and SHIPPING_PACKAGES[0] not in snapshot.packages:
        yield Step(
            title=f"keep {_OF_DEBIAN} from starting",
            why="its package is about to come, and a unit of ours runs it",
            commands=(sh("systemctl", "mask", _OF_DEBIAN),),
        )


def end_shipping(snapshot: Snapshot, wanted: Wanted) -> Iterator[Step]:
    """Take away what was laid down and isn't wanted, and the packages where nobody but us had them installed."""
    left = [
        path
        for path in SHIPPING_FILES
        if snapshot.files.get(path) is not None and path not in wanted.host_files
    ]
    # Last: while they are there, the next run knows that something is left to do.
    withdraw = Command(line=withdraw_line(left))
    if left and wanted.settings.log_shipping:
        yield Step(title=f"withdraw {', '.join(left)}", why="no longer wanted", commands=(withdraw,))
    elif left:
        yield Step(
            title="send the journal to nobody any more",
            why="the inventory names no collector",
            commands=(
                Command(line=f"systemctl stop {SHIPPING_UNIT}.service || true"),
                Command(line=_REMOVE, timeout=900),
                withdraw,
                sh("systemctl", "daemon-reload"),
            ),
        )
