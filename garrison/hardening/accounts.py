"""What has to change about accounts that are there; nobody who deploys or is named in the inventory is barred."""

from collections.abc import Iterable, Iterator
from typing import Any

from garrison.controls.code.passwords import expires_without_password
from garrison.controls.code.people import has_shell, is_system, says_nothing
from garrison.controls.code.ways_in import groups_of
from garrison.controls.conditions import Code
from garrison.hardening.chosen import Chosen
from garrison.hardening.pam import SU_GROUP
from garrison.hardening.sshd import GROUP
from garrison.plan.step import Command, Step, sh
from garrison.settings import HostSettings
from garrison.snapshot.host_model import Account, HostFacts

_DAY = 86400
# Whose password would be older than allowed within this many days is told by the check, not shut out by us.
_DAYS_TO_CHANGE = 14
_FLAGS = {
    "max_days": "--maxdays",
    "min_days": "--mindays",
    "warn_days": "--warndays",
    "inactive_days": "--inactive",
}


def plan_groups(host: HostFacts, chosen: Chosen, settings: HostSettings) -> Iterator[Step]:
    """The group that sshd lets in, with its members, and the empty one of su."""
    names = {condition.name for condition in chosen.of(Code)}
    known = {group.name for group in host.groups}
    wanted = [GROUP] if "logins-are-allowed" in names else []
    wanted += [SU_GROUP] if "group-is-empty" in names else []
    commands = [sh("groupadd", "--system", group) for group in wanted if group not in known]
    accounts = {account.name for account in host.accounts}
    users = [settings.way_in.user, *settings.ssh_users] if GROUP in wanted else []
    outside = [
        user for user in dict.fromkeys(users) if user in accounts and GROUP not in groups_of(str(user), host)
    ]
    commands += [sh("gpasswd", "--add", str(user), GROUP) for user in outside]
    if commands:
        people = f" and put {', '.join(map(str, outside))} into it" if outside else ""
        yield Step(
            title=f"make the group that may log in{people}", why="they aren't so", commands=tuple(commands)
        )


def plan_accounts(host: HostFacts, chosen: Chosen, settings: HostSettings, now: float) -> Iterator[Step]:
    """Ages, shells and locks. ``now`` is the host's clock."""
    names = {condition.name for condition in chosen.of(Code)}
    people = {*filter(None, (settings.way_in.user, *settings.ssh_users))}
    protected = {settings.stack_user, *people}
    if "accounts-without-password-do-not-expire" in names:
        yield from _step(
            "let no account expire that has no password",
            (
                (account, _let_live(account.name))
                for account in host.accounts
                if expires_without_password(account)
            ),
        )
    yield from _step("have passwords age", _ages(host, chosen, people | {"root"}, int(now // _DAY)))
    if "system-accounts-have-no-shell" in names:
        yield from _step(
            "take the shells of system accounts",
            (
                (account, sh("usermod", "--shell", "/usr/sbin/nologin", account.name))
                for account in host.accounts
                if is_system(account, host) and says_nothing(account) and account.name not in protected
            ),
        )
    if "accounts-without-shell-are-locked" in names:
        yield from _step(
            "lock accounts without a shell",
            (
                (account, command)
                for account in host.accounts
                if not has_shell(account)
                and account.password in ("set", "none")
                and account.name not in protected
                for command in _lock(account.name)
            ),
        )
    if "homes-are-private" in names:
        yield from _step("close homes to others", _homes(host, settings))
    yield from _root(host, chosen)


def _let_live(name: str) -> Command:
    return sh("chage", "--maxdays", "-1", "--inactive", "-1", name)


def _lock(name: str) -> tuple[Command, Command]:
    """Without a password there is nothing left to age; an expired root would stop cron's work."""
    return sh("usermod", "--lock", name), _let_live(name)


def _step(title: str, changes: Iterable[tuple[Account, Command]]) -> Iterator[Step]:
    found = list(changes)
    if found:
        who = ", ".join(dict.fromkeys(account.name for account, _ in found))
        yield Step(title=title, why=who, commands=tuple(command for _, command in found))


def _ages(host: HostFacts, chosen: Chosen, spared: set[str], today: int) -> Iterator[tuple[Account, Command]]:
    """None of ``spared`` is given an end: PAM bars whose password expired also from a login by key and from cron."""
    bounds = [each.arguments for each in chosen.of(Code) if each.name == "password-days"]
    for account in host.accounts:
        if account.password != "set":  # noqa: S105 - a state
            continue
        words: list[str] = []
        for bound in bounds:
            days, most, least = getattr(account, bound["of"]), bound.get("at_most"), bound.get("at_least")
            if most is not None and (days is None or days < 0 or days > most):
                may_end = account.name not in spared and _is_young(account, bounds, today)
                words += [_FLAGS[bound["of"]], str(most)] if may_end else []
            elif least is not None and (days or 0) < least:
                words += [_FLAGS[bound["of"]], str(least)]
        if words:
            yield account, sh("chage", *words, account.name)


def _is_young(account: Account, bounds: list[dict[str, Any]], today: int) -> bool:
    most = min((bound["at_most"] for bound in bounds if bound["of"] == "max_days"), default=0)
    return account.last_change is not None and today - account.last_change < most - _DAYS_TO_CHANGE


def _homes(host: HostFacts, settings: HostSettings) -> Iterator[tuple[Account, Command]]:
    """Only what is the person's own: a folder of the system that serves as a home isn't ours to close."""
    for account in host.accounts:
        state = account.home_file
        is_person = (
            has_shell(account) and not is_system(account, host) and account.name != settings.stack_user
        )
        if not is_person or state is None or state.mode is None or state.link is not None:
            continue
        if state.mode & 0o027 and state.uid == account.uid:
            yield account, sh("chmod", "g-w,o-rwx", account.home)


def _root(host: HostFacts, chosen: Chosen) -> Iterator[Step]:
    for condition in chosen.of(Code):
        if condition.name != "password-state" or condition.arguments["account"] != "root":
            continue
        for account in host.accounts:
            if account.name == "root" and account.password not in (None, *condition.arguments["allowed"]):
                yield Step(title="lock root", why="administrators come as themselves", commands=_lock("root"))
                return
