"""A journal of a test's own, with a journalctl that prints it, from the place on that it is asked for."""

import json
from pathlib import Path
from typing import Any

# As journald 252 has written it, with the fields that are asked for.
RECORDED = {
    "N_DROPPED": "383",
    "MESSAGE": "Suppressed 383 messages from flood.service",
    "__CURSOR": "s=132286874bd24b5284eda101425218a4;i=14;b=9015e77d9fe84eb59eeda7fd3f896880;m=34e6651b6;"
    "t=661335428e58d;x=c43fed30bde755f2",
    "__MONOTONIC_TIMESTAMP": "14200230326",
    "__REALTIME_TIMESTAMP": "1795722943456653",
    "_BOOT_ID": "9015e77d9fe84eb59eeda7fd3f896880",
}
TELLS = "a596d6fe7bfa4994828e72309e95d61e"
# Whoever asks for a place that is no longer kept gets what has come since.
_PRINT = """#!/bin/sh
echo "$@" >> {asked}
cat {error} >&2
for word; do case "$word" in
  --cursor=*) place=${{word#--cursor=}};;
  MESSAGE_ID=*) id=${{word#MESSAGE_ID=}};;
esac; done
grep -qF "${{place:=none}}" {entries} || begun=1
awk -v place="$place" -v id="$id" -v begun="$begun" 'index($0, place) {{begun = 1}} begun && index($0, id)' {entries}
exit {code}
"""


class Journal:
    """What is in it is what was said."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.tool, self._entries = folder / "journalctl", folder / "entries"
        self._asked, self._error, self._said = folder / "asked", folder / "error", 0
        self._entries.write_text("")
        self.fail("", 0)

    def fail(self, error: str, code: int) -> None:
        """From now on it says so, and ends so."""
        self._error.write_text(error)
        names = {"asked": self._asked, "error": self._error, "entries": self._entries, "code": code}
        self.tool.write_text(_PRINT.format(**names))
        self.tool.chmod(0o755)

    def say(self, **fields: str) -> str:
        """One entry more, and its cursor."""
        self._said += 1
        cursor = f"s=1;i={self._said:04};b=9015;x={self._said:04}"
        self._add(RECORDED | {"__CURSOR": cursor} | fields)
        return cursor

    def drop(self, lines: int, unit: str) -> str:
        """journald tells that it has kept out lines of a unit."""
        return self.tell(N_DROPPED=str(lines), MESSAGE=f"Suppressed {lines} messages from {unit}")

    def tell(self, **fields: str) -> str:
        """An entry with the id of those by which it does."""
        return self.say(MESSAGE_ID=TELLS, **fields)

    def copy(self) -> None:
        """As journald brings to the disk what it had in memory: each entry is in another file, under another number."""
        self._entries.write_text(self._entries.read_text().replace("s=1;i=", "s=2;i=9"))

    def forget(self) -> None:
        """All of it is too old to be kept."""
        self._entries.write_text("")

    @property
    def asked(self) -> list[str]:
        return self._asked.read_text().splitlines()

    def _add(self, entry: dict[str, Any]) -> None:
        with self._entries.open("a") as file:
            file.write(f"{json.dumps(entry)}\n")
