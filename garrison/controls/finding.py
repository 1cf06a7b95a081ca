"""What a judge tells of one condition that doesn't hold."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Found:
    """``where`` is the thing (a file, an option, a container) and ``what`` a sentence about it.

    ``is_unseen``: it couldn't be read, which is a failure, never a pass. ``is_absent``: there is no such thing
    on the host, which a control with ``only_if_present`` forgives. ``known_as`` is an older id of the finding
    that waivers may name; ``remedy`` mends just this one.
    """

    where: str
    what: str
    is_unseen: bool = False
    is_absent: bool = False
    known_as: str = ""
    remedy: str = ""


def unseen(where: str, what: str = "it couldn't be read, so nothing is known of it.") -> Found:
    """The finding about something that the collector didn't or couldn't read."""
    return Found(where=where, what=what, is_unseen=True)
