"""What a login shell begins with: umask and time-out for all, root's own umask, and the list of shells."""

import re
from collections.abc import Iterator

from garrison.controls.conditions import TextFile
from garrison.hardening.chosen import Chosen
from garrison.hardening.texts import Text, edited, lay, outdated, rendered
from garrison.plan.step import Step
from garrison.snapshot.host_model import HostFacts

PROFILE = "/etc/profile.d/garrison.sh"
ROOT_FILES = ("/root/.bashrc", "/root/.profile")
SHELLS = "/etc/shells"
_LOOSE = re.compile(r"^[ \t]*umask[ \t]+(?!0?0?[2367]7\b)\S.*$", re.M)


def with_umask(text: str) -> str:
    """A file of root's with our umask in the place of every looser one, and at least once."""
    text = _LOOSE.sub("umask 027", text)
    if re.search(r"^umask 0?027$", text, re.M):
        return text
    return f"{text.rstrip()}\numask 027\n".lstrip()


def without_nologin(text: str) -> str:
    """The list of shells without those that are none."""
    return re.sub(r"^(?!\s*#).*/nologin\b.*\n?", "", text, flags=re.M)


def plan_shell(host: HostFacts, chosen: Chosen) -> Iterator[Step]:
    """One step for all of it: nothing here can shut anybody out."""
    asked = {condition.path for condition in chosen.of(TextFile)}
    files: dict[str, Text] = {}
    if PROFILE in asked:
        files |= outdated(host, {PROFILE: Text(mode=0o644, text=rendered("shell/garrison.sh"))})
    for path in ROOT_FILES:
        if path in asked:
            files |= edited(host, path, with_umask(host.texts.get(path) or ""), most=0o600)
    if SHELLS in asked and (text := host.texts.get(SHELLS)) is not None:
        files |= edited(host, SHELLS, without_nologin(text))
    if files:
        yield Step(
            title="set umask and time-out of shells",
            why=f"missing or different: {', '.join(sorted(files))}",
            commands=(lay(files),),
        )
