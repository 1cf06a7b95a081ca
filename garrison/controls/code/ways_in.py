"""Who gets in over SSH and who becomes root by sudo, where one option alone doesn't say it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from garrison.controls.code.registry import judges
from garrison.controls.finding import Found, unseen
from garrison.controls.seen import Seen
from garrison.controls.sshd_lines import read_lines
from garrison.snapshot.host_model import HostFacts

_NO_RULE = re.compile(r"Defaults([\s:@>!]|$)|(User|Runas|Host|Cmnd|Cmd)_Alias\s")
_USER = r"""(?:!\s*)*(?:"[^"]*"|\\.|[^\s,"\\])+"""
_USERS = re.compile(rf"{_USER}(?:\s*,\s*{_USER})*")


def groups_of(user: str, host: HostFacts) -> set[str]:
    """The groups an account is in, its own among them."""
    own = {account.gid for account in host.accounts if account.name == user}
    return {group.name for group in host.groups if user in group.members or group.gid in own}


@judges("logins-are-allowed")
def judge_logins(seen: Seen) -> Iterator[Found]:
    """Whether sshd's lists let in whoever deploys, and everybody in ``ssh_users``."""
    host, settings = seen.host, seen.wanted.settings
    if host is None or host.sshd is None:
        yield unseen("sshd -T")
        return
    if settings.way_in.user is None:
        yield Found(
            where="inventory",
            what="ssh_user isn't set, so nobody can say whether whoever deploys may log in.",
            remedy="Set ssh_user in the inventory.",
        )
    for user in filter(None, (settings.way_in.user, *settings.ssh_users)):
        if reason := _refusal(user, host, host.sshd):
            yield Found(where=user, what=reason)


def _refusal(user: str, host: HostFacts, sshd: dict[str, tuple[str, ...]]) -> str:
    if all(account.name != user for account in host.accounts):
        return "there is no such account."

    def listed(option: str, names: set[str]) -> bool:
        words = " ".join(sshd.get(option, ())).split()
        return any(fnmatchcase(name, word.partition("@")[0]) for word in words for name in names)

    groups = groups_of(user, host)
    for option, names in (("denyusers", {user}), ("denygroups", groups)):
        if listed(option, names):
            return f"{option} shuts it out."
    for option, names in (("allowusers", {user}), ("allowgroups", groups)):
        if sshd.get(option) and not listed(option, names):
            return f"{option} doesn't let it in."
    return ""


@judges("match-blocks-loosen-nothing")
def judge_matches(
    seen: Seen, may_be: Mapping[str, Sequence[str]], may_be_set: Sequence[str] = ()
) -> Iterator[Found]:
    """Whatever a Match block says, but for what can't loosen: these values, and these options but for ``none``."""
    if seen.host is None or seen.host.sshd_lines is None:
        yield unseen("/etc/ssh/sshd_config")
        return
    harmless = {(name.lower(), value) for value, names in may_be.items() for name in names}
    free = {name.lower() for name in may_be_set}
    for line in read_lines(seen.host.sshd_lines):
        value = line.value.lower()
        may_say = (line.option, value) in harmless or (line.option in free and value not in ("", "none"))
        if line.block and not may_say:
            yield Found(where=line.file, what=f"{line.block} sets {line.option} {line.value}.")


@judges("sudo-asks-for-a-password")
def judge_nopasswd(seen: Seen) -> Iterator[Found]:
    """Every rule with NOPASSWD, but for that of the user who deploys."""
    if seen.host is None or seen.host.sudo is None:
        yield unseen("/etc/sudoers")
        return
    for line in seen.host.sudo:
        file, _, rule = line.partition(": ")
        if rule.startswith(("@include", "#include")):
            yield unseen(file, f"{rule} couldn't be followed, so nothing is known of what stands there.")
        elif not _NO_RULE.match(rule) and re.search(r"\bNOPASSWD\s*:", rule):
            others = [who for who in _users(rule) if who != seen.wanted.settings.way_in.user]
            if others:
                yield Found(where=file, what=f"it gives {', '.join(others)} NOPASSWD.")


def _users(rule: str) -> list[str]:
    """Whom a rule is for: names up to the hosts, with blanks around commas as sudo allows them."""
    listed = _USERS.match(rule)
    return re.split(r"\s*,\s*", listed[0]) if listed else [rule.split()[0]]


@judges("sudo-authenticates")
def judge_authenticate(seen: Seen) -> Iterator[Found]:
    """No ``Defaults`` that switches the question off, for everybody or for some."""
    if seen.host is None or seen.host.sudo is None:
        yield unseen("/etc/sudoers")
        return
    for line in seen.host.sudo:
        file, _, rule = line.partition(": ")
        if rule.startswith("Defaults") and re.search(r"!\s*authenticate\b", rule):
            yield Found(where=file, what="it has !authenticate.")
