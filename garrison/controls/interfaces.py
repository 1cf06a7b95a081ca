"""What each network interface has for itself, beside what holds for all of them."""

from collections.abc import Iterator

# Loopback meets no neighbour; all, and default for interfaces to come, have conditions of their own.
_OTHERS = ("all", "default", "lo")


def find_uneven(key: str, told: str, wanted: str) -> Iterator[tuple[str, str]]:
    """Name and value of each interface that has another value than ``wanted``, as it counts.

    ``told`` is what the collector says of a key with ``*``: ``all=1 default=1 eth0=0``. Of rp_filter the greater value
    counts, of the interface's and that of all.
    """
    values = {name: value for name, _, value in (one.rpartition("=") for one in told.split())}
    for name, value in values.items():
        is_alls = key.endswith(".rp_filter") and value <= values.get("all", "")
        if name not in _OTHERS and value != wanted and not is_alls:
            yield name, value
