"""The journal's settings in systemd's own file too, beside the drop-in that counts: it tells whoever looks there."""

import re
from collections.abc import Iterator, Mapping

from garrison.controls.conditions import Config
from garrison.hardening.chosen import Chosen
from garrison.hardening.texts import edited, lay
from garrison.plan.step import Step
from garrison.snapshot.host_model import HostFacts

_FILE = "systemd/journald.conf"
MAIN = f"/etc/{_FILE}"
_SECTION = re.compile(r"^\[Journal\][ \t]*$", re.M)


def with_settings(text: str, values: Mapping[str, str]) -> str:
    """``text`` with each key once at its value, in the line that sets it or that Debian has it in as a comment."""
    for key, value in values.items():
        line = f"{key}={value}"
        if re.search(rf"^{re.escape(key)}[ \t]*=", text, re.M):
            text = re.sub(rf"^{re.escape(key)}[ \t]*=.*$", line, text, flags=re.M)
        elif (comment := re.compile(rf"^#[ \t]*{re.escape(key)}=.*$", re.M)).search(text):
            text = comment.sub(line, text, count=1)
        else:
            text = _SECTION.sub(f"[Journal]\n{line}", text, count=1)
    return text


def plan_journal(host: HostFacts, chosen: Chosen) -> Iterator[Step]:
    """Nothing has to be told: the drop-in says the same, and its own step has the journal read it."""
    values = {each.key: each.value for each in chosen.of(Config) if each.file == _FILE}
    text = host.texts.get(MAIN)
    if values and text is not None and _SECTION.search(text):
        files = edited(host, MAIN, with_settings(text, values))
        if files:
            yield Step(
                title="write the journal's settings into systemd's own file too",
                why=f"{MAIN} says otherwise",
                commands=(lay(files),),
            )
