"""The times a person gives: `10m`, `2h`, `3d`, `today`, or a date with or without a time."""

import re
from datetime import UTC, datetime

from garrison.problem import Problem, ProblemError

_SPAN = re.compile(r"(?P<number>\d{1,6})(?P<unit>[smhd])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def for_journalctl(option: str, given: str) -> str:
    """What systemd.time(7) understands without doubt: seconds back from the host's now, or seconds since 1970.

    A time without a zone is UTC, as everything that is shown. Raises ProblemError.
    """
    span = _SPAN.fullmatch(given)
    if span:
        return f"-{int(span['number']) * _UNITS[span['unit']]}s"
    if given == "today":
        return "today"
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise ProblemError(
            [
                Problem(
                    where=f"{option} {given}",
                    id="logs.time",
                    what="that is no time.",
                    remedy="Say 90s, 10m, 2h, 3d, today, 2026-11-26 or 2026-11-26T01:50:00 (UTC).",
                )
            ]
        ) from None
    return f"@{(moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp():.6f}"
