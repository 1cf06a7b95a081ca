"""Modes and owners of files."""

import shlex
from collections.abc import Iterator, Sequence

from garrison.controls.conditions import File
from garrison.controls.judge.files import judge_file
from garrison.plan.step import Command, Step
from garrison.snapshot.model import Snapshot

# Lists of who may use something. Root may anyway; whoever else should is named there by the owner of the host.
_LISTS = ("/etc/cron.allow", "/etc/at.allow")
_BITS = (("u", 6), ("g", 3), ("o", 0))


def plan_files(snapshot: Snapshot, conditions: Sequence[File], *, brings_packages: bool) -> Iterator[Step]:
    """Takes away what a mode allows too much and gives files to whom they belong; nothing is ever allowed more.

    ``brings_packages``: this run installs some, whose files nobody has seen yet, so every pattern is gone through.
    """
    host = snapshot.host
    if host is None:
        return
    wrong = [each for each in conditions if any(not found.is_unseen for found in judge_file(each, host))]
    if wrong or brings_packages:
        lines = [line for each in (conditions if brings_packages else wrong) for line in _mend(each)]
        why = (
            f"not as wanted: {', '.join(dict.fromkeys(each.path for each in wrong))}"
            if wrong
            else "new packages"
        )
        line = "; ".join(["set -e", *dict.fromkeys(lines)])
        yield Step(title="mend modes and owners of files", why=why, commands=(Command(line=line),))


def _mend(wanted: File) -> Iterator[str]:
    """chown comes first: it takes setuid bits away, and chmod says what stays."""
    pattern = _quoted(wanted.path)
    if wanted.must_exist and wanted.path in _LISTS:
        yield f"[ -e {pattern} ] || {{ install -m {wanted.mode or '0640'} /dev/null {pattern}; echo root >{pattern}; }}"
    changes = [*_owners(wanted), *_modes(wanted)]
    if changes:
        each = "; ".join(f'{change} "$one"' for change in changes)
        yield f'for one in {pattern}; do if [ -e "$one" ]; then {each}; fi; done'


def _quoted(pattern: str) -> str:
    """For the shell, which expands * ? and [ ]."""
    return "".join(each if each in "*?[]" else shlex.quote(each) for each in pattern)


def _owners(wanted: File) -> Iterator[str]:
    if wanted.owner or wanted.group:
        yield f"chown {wanted.owner or ''}{':' + wanted.group if wanted.group else ''}"


def _modes(wanted: File) -> Iterator[str]:
    if wanted.mode is None:
        return
    mode = int(wanted.mode, 8)
    parts = []
    for who, shift in _BITS:
        denied = "".join(bit for bit, value in (("r", 4), ("w", 2), ("x", 1)) if not mode >> shift & value)
        special = (
            {"u": "s", "g": "s", "o": ""}[who] if not mode >> {"u": 11, "g": 10, "o": 9}[who] & 1 else ""
        )
        if denied or special:
            parts.append(f"{who}-{denied}{special}")
    if parts:
        yield f"chmod {','.join(parts)}"
