"""Whom the host asks for the time, where nobody else says so."""

from collections.abc import Iterator

from garrison.controls.code.system import TIMESYNCD, time_servers
from garrison.controls.conditions import Code
from garrison.hardening.chosen import Chosen
from garrison.plan.reloads import with_reloads
from garrison.plan.step import Step, lay_files
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
    """Names Debian's servers where neither NTP nor FallbackNTP is set; an empty one is somebody's wish too."""
    host = snapshot.host
    if host is None or not any(each.name == "time-servers-are-named" for each in chosen.of(Code)):
        return
    if time_servers(host) == {}:
        step = lay_files("name the servers of the time", "nobody does", {PATH: (0o644, _TEXT)})
        yield with_reloads(step, ("timesyncd",), snapshot)
