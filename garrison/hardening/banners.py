"""What somebody reads who comes, and that no program's memory is written to disk for who has logged in."""

from garrison.plan.hostfiles import HostFile

PATHS = ("/etc/issue", "/etc/issue.net", "/etc/motd")
LIMITS = "/etc/security/limits.d/90-garrison.conf"
DEBIANS_LIMITS = "/etc/security/limits.d/10-coredump-debian.conf"
_TEXT = b"""Authorized access only. This system is private; its use is restricted by law and policy.
Whoever connects consents to being monitored: activity is logged, and the record may be used as evidence.
"""
_NO_CORE_DUMPS = b"""# Garrison lays this file down; the next deploy undoes changes.
* hard core 0
# For root a line of its own: one of Debian's would count more than the star.
root hard core 0
"""


def banner_files() -> dict[str, HostFile]:
    """The same words everywhere, and nothing that tells a stranger what runs here."""
    return {path: HostFile(mode=0o644, content=_TEXT) for path in PATHS}


def limit_files() -> dict[str, HostFile]:
    """A hard limit, which no program of a user can raise again."""
    return {
        LIMITS: HostFile(mode=0o644, content=_NO_CORE_DUMPS),
        # Debian's lets everybody raise the limit; whoever reads only that file is misled as well.
        DEBIANS_LIMITS: HostFile(mode=0o644, content=_NO_CORE_DUMPS.replace(b" hard ", b" - ")),
    }
