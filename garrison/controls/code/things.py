"""Files: those that mustn't be there, sources of packages, and AIDE's database."""

import re
from collections.abc import Iterator

from garrison.controls.code.registry import judges
from garrison.controls.finding import Found, unseen
from garrison.controls.seen import Seen

_LISTS = ("/etc/apt/sources.list", "/etc/apt/sources.list.d/*.list")
_STANZAS = "/etc/apt/sources.list.d/*.sources"
AIDE_DATABASE = "/var/lib/aide/aide.db"
AIDE_UNIT = "garrison-aide.service"


@judges("nothing-is-there")
def judge_absence(seen: Seen, *, paths: list[str]) -> Iterator[Found]:
    """No file matches any of ``paths``."""
    for pattern in paths:
        found = seen.host.files.get(pattern) if seen.host else None
        if found is None:
            yield unseen(pattern)
            continue
        yield from (Found(where=path, what="it is there.") for path in sorted(found))


@judges("sources-are-signed")
def judge_sources(seen: Seen) -> Iterator[Found]:
    """Every source of packages that is switched on names its key."""
    if seen.host is None:
        yield unseen("/etc/apt")
        return
    yield from (unseen(one) for one in (*_LISTS, _STANZAS) if one in seen.host.texts_withheld)
    for pattern in _LISTS:
        for line in (seen.host.texts.get(pattern) or "").splitlines():
            if re.match(r"\s*deb(-src)?\s", line) and "signed-by=" not in line:
                yield Found(where=pattern, what=f"{line.strip()!r} names no key.")
    for stanza in _stanzas(seen.host.texts.get(_STANZAS) or ""):
        if re.search(r"(?mi)^uris:", stanza) and not re.search(r"(?mi)^signed-by:", stanza):
            where = re.search(r"(?mi)^uris:\s*(.*)$", stanza)
            yield Found(where=_STANZAS, what=f"{where[1] if where else 'a source'} names no key.")


def _stanzas(text: str) -> Iterator[str]:
    for stanza in re.split(r"\n\s*\n", text):
        if not re.search(r"(?mi)^enabled:\s*(no|false|0)", stanza):
            yield stanza


@judges("aide-has-a-database")
def judge_database(seen: Seen) -> Iterator[Found]:
    """AIDE knows what the host was like, or is looking at it for the first time right now."""
    if seen.host is None:
        yield unseen(AIDE_DATABASE)
        return
    unit = seen.host.units.get(AIDE_UNIT)
    if not seen.host.files.get(AIDE_DATABASE) and (unit is None or unit.active != "activating"):
        yield Found(where=AIDE_DATABASE, what="there is no such file, so a change can't be noticed.")
