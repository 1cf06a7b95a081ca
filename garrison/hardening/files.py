"""Modes and owners of files."""

import shlex
from collections.abc import Iterator, Sequence

from garrison.controls.conditions import File
from garrison.plan.step import Command, Step
from garrison.snapshot.model import Snapshot
from garrison.snapshot.record import FileState

# Lists of who may use something. Root may anyway; whoever else should is named there by the owner of the host.
_LISTS = ("/etc/cron.allow", "/etc/at.allow")


def plan_files(snapshot: Snapshot, conditions: Sequence[File]) -> Iterator[Step]:
    """Takes away what a mode allows too much and gives files to whom they belong; nothing is ever allowed more."""
    found = snapshot.host.files if snapshot.host else {}
    lines = []
    for each in conditions:
        states = found.get(each.path, {})
        if not states and each.must_exist and each.path in _LISTS:
            lines.append(f"install -m {each.mode or '0640'} /dev/null {each.path} && echo root >{each.path}")
        lines += [line for path, state in sorted(states.items()) for line in _mend(path, state, each)]
    if lines:
        count = f"{len(lines)} {'is' if len(lines) == 1 else 'are'} not as wanted"
        lines = list(dict.fromkeys(lines))
        yield Step(title="mend modes and owners of files", why=count, commands=(Command(line=_join(lines)),))


def _join(lines: list[str]) -> str:
    return "; ".join(["set -e", *lines])


def _mend(path: str, state: FileState, wanted: File) -> Iterator[str]:
    """chown comes first: it takes setuid bits away, and chmod says what stays."""
    word = shlex.quote(path)
    if state.mode is None:
        return
    owner = wanted.owner if wanted.owner not in (None, state.user) else ""
    group = wanted.group if wanted.group not in (None, state.group) else ""
    if owner or group:
        yield f"chown {owner}{':' + group if group else ''} {word}"
    if wanted.mode is not None and state.mode & ~int(wanted.mode, 8):
        yield f"chmod {state.mode & int(wanted.mode, 8):04o} {word}"
