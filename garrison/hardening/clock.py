"""Who keeps the host's clock, and whom it asks for the time where nobody else says so."""

from collections.abc import Iterator

from garrison.controls.code.system import TIME_DAEMONS, TIMESYNCD, time_servers
from garrison.controls.conditions import Code
from garrison.hardening.chosen import Chosen
from garrison.plan.reloads import with_reloads
from garrison.plan.step import Step, lay_files, sh
from garrison.snapshot.host_model import HostFacts
from garrison.snapshot.model import Snapshot

PATH = f"/etc/{TIMESYNCD}.d/zz-garrison.conf"
# One a line, as ComplianceAsCode reads them; systemd puts the lines together.
_TEXT = b"""# Garrison wrote this file, since nobody said whom to ask: they are Debian's, which systemd has built in.
# To ask others, remove it and set NTP or FallbackNTP in another one.
[Time]
FallbackNTP=0.debian.pool.ntp.org
FallbackNTP=1.debian.pool.ntp.org
FallbackNTP=2.debian.pool.ntp.org
FallbackNTP=3.debian.pool.ntp.org
"""


def plan_clock(snapshot: Snapshot, chosen: Chosen) -> Iterator[Step]:
    """Names Debian's servers where neither NTP nor FallbackNTP is set; an empty one is somebody's wish too.

    Where no daemon keeps the clock, the one that is there does from now on. One that is masked stays so.
    """
    host = snapshot.host
    if host is None:
        return
    asked = {each.name for each in chosen.of(Code)}
    if "one-time-daemon" in asked and (daemon := _idle_daemon(host)):
        yield Step(
            title=f"have {daemon.removesuffix('.service')} keep the clock",
            why="nobody does",
            commands=(sh("systemctl", "enable", "-q", "--now", daemon),),
        )
    if "time-servers-are-named" in asked and time_servers(host) == {}:
        step = lay_files("name the servers of the time", "nobody does", {PATH: (0o644, _TEXT)})
        yield with_reloads(step, ("timesyncd",), snapshot)


def _idle_daemon(host: HostFacts) -> str | None:
    """The first that is there, where none runs."""
    there = [name for name in TIME_DAEMONS if name in host.units and host.units[name].load == "loaded"]
    if any(host.units[name].active in ("active", "activating", "reloading") for name in there):
        return None
    return next(iter(there), None)
