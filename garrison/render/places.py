"""Where things of a release are, by the names that more than one layer uses; it loads nothing of the catalog."""

from pathlib import PurePosixPath

# In a release.
DOOR_SOCKET = "systemd/garrison-door.socket"
DOOR_SERVICE = "systemd/garrison-door.service"
# Where the host's programs leave what they measure, one file each: tls.prom, garrison.prom.
HOST_METRICS = PurePosixPath("/var/lib/garrison/metrics")
