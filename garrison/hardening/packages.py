"""Packages that must be there, and those that mustn't."""

from collections.abc import Iterator, Sequence

from garrison.controls.conditions import Package
from garrison.plan.step import Command, Step
from garrison.snapshot.model import Snapshot

TIME_DAEMON = "systemd-timesyncd"
_TIME_DAEMONS = frozenset({"chrony", "ntpsec", "openntpd", TIME_DAEMON})


def missing_packages(snapshot: Snapshot, conditions: Sequence[Package]) -> tuple[str, ...]:
    """What has to be installed, in order. A time daemon that is there stays: two would pull at one clock."""
    if snapshot.host is None:
        return ()
    there = snapshot.host.packages
    wanted = {each.name for each in conditions if each.present}
    if not there & _TIME_DAEMONS:
        wanted.add(TIME_DAEMON)
    return tuple(sorted(wanted - there))


def plan_removal(snapshot: Snapshot, conditions: Sequence[Package]) -> Iterator[Step]:
    """Removes what mustn't be there, but not its configuration; and nothing where others need it."""
    there = snapshot.host.packages if snapshot.host else frozenset()
    names = sorted({each.name for each in conditions if not each.present} & there)
    if not names:
        return
    words = " ".join(names)
    apt = "DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq"
    others = f"LC_ALL=C apt-get -s remove {words} | awk '$1==\"Remv\"{{print $2}}'"
    refuse = (
        f"for one in $({others}); do case ' {words} ' in *\" $one \"*) ;; *) "
        f'echo "$one needs one of them: remove it yourself, or waive the control" >&2; exit 1;; esac; done'
    )
    yield Step(
        title=f"remove {', '.join(names)}",
        why="nothing here needs it, and its configuration stays",
        commands=(
            Command(line=refuse),
            Command(line=f"dpkg --configure -a && {apt} remove -y {words}", timeout=900),
        ),
    )
