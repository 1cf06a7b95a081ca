"""What a login shell begins with: umask and time-out for all, root's own umask, and the list of shells."""

import re
from collections.abc import Iterator

from garrison.controls.conditions import TextFile
from garrison.controls.judge.files import judge_text
from garrison.hardening.chosen import Chosen
from garrison.hardening.texts import Text, edited, lay, outdated, rendered
from garrison.plan.step import Step
from garrison.snapshot.host_model import HostFacts

PROFILE = "/etc/profile.d/garrison.sh"
ROOT_FILES = ("/root/.bashrc", "/root/.profile")
# Interactive shells of bash that are no login shells, as sudo and su start them, read no profile.
BASHRC = "/etc/bash.bashrc"
SHELLS = "/etc/shells"
_LOOSE = re.compile(r"^[ \t]*umask[ \t]+(?!0?0?[2367]7\b)\S.*$", re.M)


def with_umask(text: str) -> str:
    """A file that shells begin with, with our umask in the place of every looser one, and at least once."""
    text = _LOOSE.sub("umask 027", text)
    if re.search(r"^umask 0?027$", text, re.M):
        return text
    return f"{text.rstrip()}\numask 027\n".lstrip()


def without_nologin(text: str) -> str:
    """The list of shells without those that are none."""
    return re.sub(r"^(?!\s*#).*/nologin\b.*\n?", "", text, flags=re.M)


def _lets_others_read(host: HostFacts, chosen: Chosen) -> bool:
    about = [
        each
        for each in chosen.of(TextFile)
        if each.path == BASHRC and "umask" in (each.has or each.lacks or "")
    ]
    return any(found for each in about for found in judge_text(each, host))


def plan_shell(host: HostFacts, chosen: Chosen) -> Iterator[Step]:
    """One step for all of it: nothing here can shut anybody out."""
    asked = {condition.path for condition in chosen.of(TextFile)}
    files: dict[str, Text] = {}
    if PROFILE in asked:
        files |= outdated(host, {PROFILE: Text(mode=0o644, text=rendered("shell/garrison.sh"))})
    for path in ROOT_FILES:
        if path in asked:
            files |= edited(host, path, with_umask(host.texts.get(path) or ""), most=0o600)
    if BASHRC in asked and (text := host.texts.get(BASHRC)) is not None and _lets_others_read(host, chosen):
        files |= edited(host, BASHRC, with_umask(text))
    if SHELLS in asked and (text := host.texts.get(SHELLS)) is not None:
        files |= edited(host, SHELLS, without_nologin(text))
    if files:
        yield Step(
            title="set umask and time-out of shells",
            why=f"missing or different: {', '.join(sorted(files))}",
            commands=(lay(files),),
        )
