"""The machine's network: QEMU's own user network, in which it has one address and one way out."""

from ipaddress import IPv4Network
from typing import Final

from garrison.lab.subnets import host4

NETWORK: Final = IPv4Network("10.0.2.0/24")
ADDRESS: Final = host4(NETWORK, 0)
_GATEWAY: Final = NETWORK[2]


def files_for_network() -> dict[str, str]:
    """Return the files that give the machine the address that QEMU forwards to."""
    return {
        "etc/systemd/network/10-lab.network": (
            "[Match]\nName=eth0\n\n"
            f"[Network]\nAddress={ADDRESS}/{NETWORK.prefixlen}\nGateway={_GATEWAY}\n"
            "LinkLocalAddressing=no\nIPv6AcceptRA=no\n"
        ),
        # The emulator hands on what is sent to the gateway: there garrison.lab.vm.clock answers.
        "etc/systemd/timesyncd.conf.d/lab.conf": f"[Time]\nNTP={_GATEWAY}\n",
        "etc/fstab": "/dev/vda / ext4 errors=remount-ro 0 1\n",
    }
