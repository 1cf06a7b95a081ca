"""Which addresses of the network are outside: everything private, local or special is refused."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

_NAT64 = IPv6Network("64:ff9b::/96")


def is_public(text: str) -> bool:
    """Whether an address, as the resolver or a socket gives it, is one of the public internet."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return all(map(_is_outside, _with_inner(address)))


def _is_outside(address: IPv4Address | IPv6Address) -> bool:
    # fec0::/10, an older form of private addresses, counts as global in Python.
    is_site_local = isinstance(address, IPv6Address) and address.is_site_local
    return address.is_global and not (address.is_multicast or address.is_reserved or is_site_local)


def _with_inner(address: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """The address and, where it carries an IPv4 address through a tunnel or mapping, that one too."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    inner: list[IPv4Address | IPv6Address] = []
    if address.sixtofour is not None:
        inner.append(address.sixtofour)
    if address.teredo is not None:
        inner.extend(address.teredo)
    if address in _NAT64:
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    return [address, *inner]
