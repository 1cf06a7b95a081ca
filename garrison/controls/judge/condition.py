"""Which function judges which kind of condition."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from garrison.controls.code import find_functions
from garrison.controls.conditions import Code, Condition, Evidence, File, TextFile
from garrison.controls.finding import Found, unseen
from garrison.controls.judge.accounts import judge_audit, judge_login_defs, judge_sudo
from garrison.controls.judge.evidence import judge_evidence
from garrison.controls.judge.files import judge_file, judge_text
from garrison.controls.judge.kernel import judge_module, judge_mount, judge_sysctl
from garrison.controls.judge.software import judge_apt, judge_config, judge_package, judge_unit
from garrison.controls.judge.ssh import judge_sshd
from garrison.controls.places import fill
from garrison.controls.seen import Seen
from garrison.snapshot.host_model import HostFacts

_OF_THE_HOST: Mapping[str, Callable[[Any, HostFacts], Iterator[Found]]] = {
    "sshd": judge_sshd,
    "sysctl": judge_sysctl,
    "module": judge_module,
    "mount": judge_mount,
    "login_defs": judge_login_defs,
    "file": judge_file,
    "package": judge_package,
    "unit": judge_unit,
    "config": judge_config,
    "text": judge_text,
    "apt": judge_apt,
    "audit": judge_audit,
    "sudo": judge_sudo,
}


def judge(condition: Condition, seen: Seen) -> tuple[Found, ...]:
    """What doesn't hold of ``condition``; nothing when it holds."""
    if isinstance(condition, Evidence):
        return tuple(judge_evidence(condition, seen))
    if isinstance(condition, Code):
        return tuple(find_functions()[condition.name](seen, **condition.arguments))
    if seen.host is None:
        return (unseen("host", "the host told nothing of itself."),)
    if isinstance(condition, File | TextFile):
        place = fill(condition.path, seen.wanted.settings)
        condition = condition.model_copy(update={"path": place})
    return tuple(_OF_THE_HOST[condition.kind](condition, seen.host))
