"""The lab's cables as batches for ``ip -batch``."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from garrison.lab import subnets


def bridge_batch(bridge: str, mtu: int, subnet: IPv4Network, prefix6: IPv6Network) -> str:
    """Return the lines that make the lab's bridge, with the outer machine's addresses on it."""
    return (
        f"link add {bridge} mtu {mtu} type bridge stp_state 0 forward_delay 0\n"
        f"addr add {subnets.gateway4(subnet)}/{subnet.prefixlen} dev {bridge}\n"
        f"addr add {subnets.gateway6(prefix6)}/{prefix6.prefixlen} dev {bridge} nodad\n"
        f"link set {bridge} up\n"
    )


def cable_batch(*, bridge: str, veth: str, machine: str, mac: str, mtu: int) -> str:
    """Return the lines that make a host's namespace and plug it into the bridge.

    The host keeps its ``mac`` for ever: its neighbours would ask a new one's predecessor for half a minute.
    """
    return (
        f"netns add {machine}\n"
        f"link add {veth} mtu {mtu} type veth peer name eth0 address {mac} mtu {mtu} netns {machine}\n"
        f"link set {veth} master {bridge} up\n"
    )


def address_batch(subnet: IPv4Network, prefix6: IPv6Network, ipv4: IPv4Address, ipv6: IPv6Address) -> str:
    """Return the lines that give a host its addresses, for ``ip -n MACHINE -batch``.

    There is no IPv6 way out: forwarding IPv6 would make the outer machine deaf to its router.
    """
    return (
        "link set lo up\n"
        f"addr add {ipv4}/{subnet.prefixlen} dev eth0\n"
        f"addr add {ipv6}/{prefix6.prefixlen} dev eth0 nodad\n"
        "link set eth0 up\n"
        f"route add default via {subnets.gateway4(subnet)}\n"
    )
