"""AIDE: what it looks at, and the units that make its first database in the background and compare every day.

Debian's own configuration comes with aide-common, which takes minutes to install and looks at everything; containers'
storage among it.
"""

from collections.abc import Iterator

from garrison.controls.conditions import Package
from garrison.plan.hostfiles import HostFile
from garrison.plan.step import Step, sh
from garrison.snapshot.model import Snapshot

CONFIG = "/etc/aide/aide.conf"
DATABASE = "/var/lib/aide/aide.db"
FIRST, CHECK, TIMER = "garrison-aide.service", "aidecheck.service", "aidecheck.timer"
_CONFIG = b"""# Garrison lays this file down; the next deploy undoes changes.
@@define DBDIR /var/lib/aide
database_in=file:@@{DBDIR}/aide.db
database_out=file:@@{DBDIR}/aide.db.new
report_url=stdout

Full = ftype+p+u+g+s+m+acl+xattrs+sha512

# Containers' storage and data change all the time and lie below /srv and /var, which are not looked at.
/boot Full
/etc Full
/root Full
/usr Full
!/usr/share/(doc|info|locale|man)
!/etc/(adjtime|resolv\\.conf)$
!/root/\\.(cache|bash_history)
!/usr/.*/__pycache__

# Whoever hides what was done replaces these.
/usr/sbin/auditctl p+i+n+u+g+s+b+acl+selinux+xattrs+sha512
/usr/sbin/auditd p+i+n+u+g+s+b+acl+selinux+xattrs+sha512
/usr/sbin/ausearch p+i+n+u+g+s+b+acl+selinux+xattrs+sha512
/usr/sbin/aureport p+i+n+u+g+s+b+acl+selinux+xattrs+sha512
/usr/sbin/autrace p+i+n+u+g+s+b+acl+selinux+xattrs+sha512
/usr/sbin/augenrules p+i+n+u+g+s+b+acl+selinux+xattrs+sha512
"""
_QUIETLY = """Nice=19
IOSchedulingClass=idle
CPUSchedulingPolicy=idle
UMask=0077
StateDirectory=aide
StateDirectoryMode=0700
"""
_UNITS = {
    FIRST: f"""# Garrison lays this file down; the next deploy undoes changes.
[Unit]
Description=Garrison: the first look at all files, which later ones are compared with
ConditionPathExists=!{DATABASE}

[Service]
Type=oneshot
{_QUIETLY}ExecStart=/usr/bin/aide --config {CONFIG} --init
ExecStart=/usr/bin/mv {DATABASE}.new {DATABASE}

[Install]
WantedBy=multi-user.target
""",
    CHECK: f"""# Garrison lays this file down; the next deploy undoes changes.
[Unit]
Description=Garrison: files that are not what they were (the unit fails when there are some)
ConditionPathExists={DATABASE}

[Service]
Type=oneshot
{_QUIETLY}ExecStart=/usr/bin/aide --config {CONFIG} --check
""",
    TIMER: """# Garrison lays this file down; the next deploy undoes changes.
[Unit]
Description=Garrison: look for changed files every day

[Timer]
OnCalendar=*-*-* 05:00
RandomizedDelaySec=1h

[Install]
WantedBy=timers.target
""",
}


def aide_files(packages: tuple[Package, ...]) -> dict[str, HostFile]:
    """Configuration and units, where a control asks for AIDE."""
    if not any(each.name == "aide" and each.present for each in packages):
        return {}
    units = {
        f"/etc/systemd/system/{name}": HostFile(mode=0o644, content=text.encode(), reloads="manager")
        for name, text in _UNITS.items()
    }
    return {CONFIG: HostFile(mode=0o600, content=_CONFIG), **units}


def plan_database(snapshot: Snapshot, packages: tuple[Package, ...]) -> Iterator[Step]:
    """Begins the first look, without waiting for its end."""
    host = snapshot.host
    if host is None or not aide_files(packages):
        return
    unit = host.units.get(FIRST)
    is_looking = unit is not None and unit.active == "activating"
    if not host.files.get(DATABASE) and not is_looking:
        yield Step(
            title="have AIDE look at all files, in the background",
            why="it has no database to compare with",
            commands=(sh("systemctl", "start", "--no-block", FIRST),),
        )
