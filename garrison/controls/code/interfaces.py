"""Settings of the network that each interface has for itself, beside those of all."""

from collections.abc import Iterator, Mapping

from garrison.controls.code.registry import judges
from garrison.controls.finding import Found, unseen
from garrison.controls.seen import Seen

# Loopback meets no neighbour; all, and default for interfaces to come, have conditions of their own.
_OTHERS = ("all", "default", "lo")


@judges("each-interface-has")
def judge_interfaces(seen: Seen, settings: Mapping[str, str]) -> Iterator[Found]:
    """Each interface's own value, as it is live; of rp_filter the greater one counts of it and ``all``."""
    for key, wanted in settings.items():
        told = seen.host.sysctl.get(key) if seen.host else None
        if told is None:
            yield unseen(f"sysctl {key}")
            continue
        values = {name: value for name, _, value in (one.rpartition("=") for one in told.split())}
        for name, value in values.items():
            is_alls = key.endswith(".rp_filter") and value <= values.get("all", "")
            if name in _OTHERS or value == wanted or is_alls:
                continue
            place = key.replace("*", name.replace(".", "/"))
            remedy = f"Run `sysctl -w {place}={wanted}` on the host, and take out what sets it otherwise."
            yield Found(where=f"sysctl {place}", what=f"it is {value}, not {wanted}.", remedy=remedy)
