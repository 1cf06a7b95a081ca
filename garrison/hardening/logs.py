"""How logs of Debian's own begin anew: packages have them made for everybody to read."""

from garrison.plan.hostfiles import HostFile

_LOGS = ("alternatives", "dpkg")
_TEXT = """# Garrison lays this file down; the next deploy undoes changes.
/var/log/{name}.log {{
	monthly
	rotate 12
	compress
	delaycompress
	missingok
	notifempty
	create 640 root root
}}
"""


def log_files() -> dict[str, HostFile]:
    """As Debian has them, but for the mode."""
    return {
        f"/etc/logrotate.d/{name}": HostFile(mode=0o644, content=_TEXT.format(name=name).encode())
        for name in _LOGS
    }
