"""Changes that the lockout guard holds or has taken back; never what it saved."""

import json
import os

from garrison.snapshot.parts.base import Record, read

PLACE = "/var/lib/garrison/guard"
SHOWN = ("name", "armed", "after")


def guards() -> Record:
    """What is armed, and the last revert of each other name."""
    names = sorted(os.listdir(PLACE)) if os.path.isdir(PLACE) else []
    armed = (
        record(f"{PLACE}/{name}/manifest.json", {"name": name, "armed": "an unknown time", "after": 0})
        for name in names
        if not name.startswith(".")
    )
    past = (record(f"{PLACE}/{name}", None) for name in names if name.endswith(".reverted"))
    return {
        "armed": [{key: one[key] for key in SHOWN} for one in armed if one],
        "reverted": [one for one in past if one],
    }


def record(path: str, unreadable: Record | None) -> Record | None:
    text = read(path)
    try:
        return dict(json.loads(text)) if text is not None else None
    except (TypeError, ValueError):
        return unreadable
