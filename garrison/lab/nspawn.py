"""The command that boots a lab host, and the environment it needs."""

from pathlib import Path

from garrison.lab.places import IMAGES_IN_HOST

# Without a writable /proc/sys rootless containers in the host die at their start.
ENVIRONMENT = {
    "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "1",
    "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1",
}


def boot_argv(*, machine: str, hostname: str, netns: Path, root: Path, images: Path) -> list[str]:
    """Return the systemd-nspawn command for one host."""
    return [
        "systemd-nspawn",
        "--register=no",
        "--keep-unit",
        f"--machine={machine}",
        f"--hostname={hostname}",
        f"--network-namespace-path={netns}",
        "--capability=all",
        "--system-call-filter=@default @known",
        "--resolv-conf=off",
        "--timezone=off",
        "--link-journal=no",
        "--bind=/dev/fuse",
        "--bind=/dev/net/tun",
        f"--bind={images}:{IMAGES_IN_HOST}",
        "--boot",
        f"--directory={root}",
    ]
