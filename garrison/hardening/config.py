"""Settings of systemd's own programs, each in a drop-in."""

from collections import defaultdict
from collections.abc import Sequence

from garrison.controls.conditions import Config
from garrison.plan.hostfiles import HostFile

_RELOADS = {"systemd/journald.conf": "journald", "systemd/timesyncd.conf": "timesyncd"}


def config_files(conditions: Sequence[Config]) -> dict[str, HostFile]:
    """One drop-in for every file that a condition is about."""
    files: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for each in conditions:
        files[each.file][each.section][each.key] = each.value
    return {
        f"/etc/{file}.d/zz-garrison.conf": HostFile(  # Debian's own syslog.conf there would win over a number
            mode=0o644, content=_render(sections), reloads=_RELOADS.get(file)
        )
        for file, sections in files.items()
    }


def _render(sections: dict[str, dict[str, str]]) -> bytes:
    lines = ["# Garrison lays this file down; the next deploy undoes changes."]
    for section, values in sections.items():
        lines += [f"[{section}]", *(f"{key}={value}" for key, value in values.items())]
    return ("\n".join(lines) + "\n").encode()
