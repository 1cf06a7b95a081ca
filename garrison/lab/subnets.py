"""Which addresses a lab gets: networks nobody else on the machine uses, hosts counted from ten."""

import hashlib
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from garrison.problem import Problem, ProblemError

POOL = IPv4Network("10.99.0.0/16")
FIRST_HOST = 10


def choose_subnet(lab_id: str, taken: Iterable[IPv4Network]) -> IPv4Network:
    """Return a /24 of the pool that overlaps none of ``taken``; a lab tends to get the same again.

    Raises ProblemError when the pool is used up.
    """
    used = [network for network in taken if network.prefixlen > 0]
    candidates = list(POOL.subnets(new_prefix=24))
    start = int(lab_id, 16) % len(candidates)
    for candidate in candidates[start:] + candidates[:start]:
        if not any(candidate.overlaps(network) for network in used):
            return candidate
    raise ProblemError(
        [
            Problem(
                where=str(POOL),
                id="lab-no-free-subnet",
                what="has no /24 left for this lab.",
                remedy="Take down labs of other checkouts (make down there), or free routes to that range.",
            )
        ]
    )


def derive_prefix6(lab_id: str) -> IPv6Network:
    """Return the lab's unique local /64; its 40 random bits (RFC 4193) come from the lab's id."""
    random_bits = int.from_bytes(hashlib.sha256(lab_id.encode()).digest()[:5])
    return IPv6Network(((0xFD << 120) | (random_bits << 80), 64))


def gateway4(subnet: IPv4Network) -> IPv4Address:
    """Return the outer machine's address in the lab."""
    return subnet[1]


def gateway6(prefix: IPv6Network) -> IPv6Address:
    """Return the outer machine's IPv6 address in the lab."""
    return prefix[1]


def host4(subnet: IPv4Network, index: int) -> IPv4Address:
    """Return the address of the host with this index."""
    return subnet[FIRST_HOST + index]


def host6(prefix: IPv6Network, index: int) -> IPv6Address:
    """Return the IPv6 address of the host with this index."""
    return prefix[FIRST_HOST + index]
