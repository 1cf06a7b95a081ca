"""Settings of the network that each interface has for itself, beside those of all."""

from collections.abc import Iterator, Mapping

from garrison.controls.code.registry import judges
from garrison.controls.finding import Found, unseen
from garrison.controls.interfaces import find_uneven
from garrison.controls.seen import Seen


@judges("each-interface-has")
def judge_interfaces(seen: Seen, settings: Mapping[str, str]) -> Iterator[Found]:
    """Each interface's own value, as it is live; of rp_filter the greater one counts of it and ``all``."""
    for key, wanted in settings.items():
        told = seen.host.sysctl.get(key) if seen.host else None
        if told is None:
            yield unseen(f"sysctl {key}")
            continue
        for name, value in find_uneven(key, told, wanted):
            place = key.replace("*", name.replace(".", "/"))
            yield Found(where=f"sysctl {place}", what=f"it is {value}, not {wanted}.")
