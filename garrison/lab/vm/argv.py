"""The commands that make and run the full machine."""

from collections.abc import Sequence
from pathlib import Path

from garrison.lab.furnish import SSH_USER
from garrison.lab.recipe import SUITE
from garrison.lab.vm.network import ADDRESS
from garrison.lab.vm.recipe import MEMORY_MIB, QEMU_PACKAGES

LOOPBACK = "127.0.0.1"
# There is no boot loader: QEMU loads the kernel, so its command line is ours.
# What the kernel does against faults of a real processor costs a translated one a good part of its speed.
KERNEL_ARGUMENTS = "root=/dev/vda rw console=ttyS0 net.ifnames=0 mitigations=off"
CHROOT_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive",
}


def tree_argv(target: Path, mirror: str, apt_options: Sequence[str]) -> list[str]:
    """Return the command that makes QEMU's tree in the new directory ``target``."""
    return [
        "mmdebstrap",
        "--quiet",
        "--variant=minbase",
        "--architectures=amd64",
        f"--include={','.join(QEMU_PACKAGES)}",
        *(f"--aptopt={option}" for option in apt_options),
        SUITE,
        str(target),
        mirror,
    ]


def upgrade_argv(root: Path) -> list[str]:
    """Return the command that upgrades the Debian in the folder ``root``, its kernel too.

    Left to the machine's own timer, the initial RAM disk of a new kernel would hold up everything for a long while.
    """
    upgrade = (
        "apt-get -qq update && apt-get -qq -y full-upgrade && apt-get -qq -y autoremove --purge "
        "&& update-initramfs -u -k all"
    )
    return [
        *("unshare", "--mount", "--pid", "--fork", "--kill-child", f"--mount-proc={root / 'proc'}"),
        *("chroot", str(root), "sh", "-c", upgrade),
    ]


def disk_argv(root: Path, disk: Path, size: str) -> list[str]:
    """Return the command that makes the file system image ``disk`` of the folder ``root``."""
    return ["mkfs.ext4", "-q", "-F", "-L", "root", "-d", str(root), str(disk), size]


def qemu_argv(tree: Path, inside: Path, ssh_port: int) -> list[str]:
    """Return the command that runs the machine whose parts lie in ``inside``, a folder below ``tree``."""
    return [
        *("nice", "-n", "10", "chroot", str(tree), "qemu-system-x86_64"),
        *("-nodefaults", "-no-user-config", "-display", "none", "-monitor", "none"),
        # Without KVM every instruction is translated; five-level paging would cost more on top.
        *("-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "max,la57=off"),
        # A second processor of the guest's would mostly wait for the first where this machine has other work.
        *("-smp", "1", "-m", str(MEMORY_MIB)),
        *("-kernel", str(inside / "vmlinuz"), "-initrd", str(inside / "initrd.img")),
        *("-append", KERNEL_ARGUMENTS),
        *("-drive", f"file={inside / 'disk.raw'},if=virtio,format=raw,cache=unsafe"),
        *("-netdev", f"user,id=net,hostfwd=tcp:{LOOPBACK}:{ssh_port}-{ADDRESS}:22"),
        *("-device", "virtio-net-pci,netdev=net,romfile="),
        *("-device", "virtio-rng-pci"),
        *("-serial", f"file:{inside / 'console.log'}"),
    ]


def ssh_argv(key: Path, known_hosts: Path, ssh_port: int, command: Sequence[str] = ()) -> list[str]:
    """Return the command that opens a shell, or runs ``command``, in the machine."""
    return [
        "ssh",
        *("-F", "/dev/null"),
        *("-i", str(key), "-p", str(ssh_port)),
        *("-o", "IdentitiesOnly=yes"),
        *("-o", f'UserKnownHostsFile="{known_hosts}"'),
        *("-o", "GlobalKnownHostsFile=/dev/null"),
        *("-o", "StrictHostKeyChecking=yes"),
        *("-o", "ConnectTimeout=120"),
        *("-o", "BatchMode=yes"),
        f"{SSH_USER}@{LOOPBACK}",
        *command,
    ]
