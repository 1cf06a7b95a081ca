"""Accounts, groups and homes: who there is, what is whose, and what others could do to it."""

from collections import Counter
from collections.abc import Iterator

from garrison.controls.code.registry import judges
from garrison.controls.finding import Found, unseen
from garrison.controls.seen import Seen
from garrison.snapshot.host_model import Account, HostFacts

NO_SHELL = ("nologin", "false")
# Their shells are commands that end at once; passwd(5) has always had them so.
_COMMANDS = ("sync", "shutdown", "halt")
_DOORS = (".rhosts", ".shosts", ".netrc", ".forward")
_HISTORY = (".bash_history", ".ash_history", ".zsh_history", ".python_history")


def has_shell(account: Account) -> bool:
    """Whether somebody who gets in as this account gets a shell."""
    return bool(account.shell) and account.shell.rpartition("/")[2] not in (*NO_SHELL, *_COMMANDS)


def says_nothing(account: Account) -> bool:
    """Whether another shell than nologin is named; /bin/false lets nobody in either, but neither says nor notes so."""
    name = account.shell.rpartition("/")[2] if account.shell else ""
    return name not in ("", "nologin", *_COMMANDS)


def is_system(account: Account, host: HostFacts) -> bool:
    """Whether it is a daemon's and not a person's; root is neither."""
    first = host.login_defs.get("UID_MIN", "1000")
    return account.uid != 0 and (account.uid < int(first) or account.name == "nobody")


def _accounts(seen: Seen) -> tuple[Account, ...]:
    return seen.host.accounts if seen.host else ()


def _nothing_seen(seen: Seen) -> Iterator[Found]:
    if not _accounts(seen):
        yield unseen("/etc/passwd")


@judges("group-is-empty")
def judge_group(seen: Seen, group: str, must_exist: bool = False) -> Iterator[Found]:
    """Members by /etc/group, and accounts whose own group it is."""
    yield from _nothing_seen(seen)
    found = [one for one in (seen.host.groups if seen.host else ()) if one.name == group]
    if must_exist and not found:
        yield Found(where=f"group {group}", what="it doesn't exist.")
    gids = {one.gid for one in found}
    members = {name for one in found for name in one.members}
    members |= {one.name for one in _accounts(seen) if one.gid in gids}
    if members:
        yield Found(where=f"group {group}", what=f"{', '.join(sorted(members))} is in it.")


@judges("root-alone-has-group-0")
def judge_group_of_root(seen: Seen) -> Iterator[Found]:
    """Both ways: accounts whose group is 0, and groups that have its number."""
    yield from _nothing_seen(seen)
    for account in _accounts(seen):
        if account.gid == 0 and account.name not in ("root", *_COMMANDS):
            yield Found(where=account.name, what="its group is 0.")
    for group in seen.host.groups if seen.host else ():
        if group.gid == 0 and group.name != "root":
            yield Found(where=f"group {group.name}", what="its number is 0.")


@judges("groups-of-accounts-exist")
def judge_groups(seen: Seen) -> Iterator[Found]:
    """The group that /etc/passwd names for each account."""
    yield from _nothing_seen(seen)
    known = {group.gid for group in (seen.host.groups if seen.host else ())}
    for account in _accounts(seen):
        if account.gid not in known:
            yield Found(where=account.name, what=f"its group {account.gid} doesn't exist.")


@judges("names-and-numbers-are-unique")
def judge_unique(seen: Seen) -> Iterator[Found]:
    """Names and numbers of /etc/passwd and of /etc/group."""
    yield from _nothing_seen(seen)
    groups = seen.host.groups if seen.host else ()
    for what, values in (
        ("account", [one.name for one in _accounts(seen)]),
        ("uid", [str(one.uid) for one in _accounts(seen)]),
        ("group", [one.name for one in groups]),
        ("gid", [str(one.gid) for one in groups]),
    ):
        for value, count in Counter(values).items():
            if count > 1:
                yield Found(where=f"{what} {value}", what=f"{count} share it.")


@judges("no-plus-entries")
def judge_plus(seen: Seen) -> Iterator[Found]:
    """What NIS once used to take in other hosts' accounts."""
    yield from _nothing_seen(seen)
    names = {
        "/etc/passwd": [one.name for one in _accounts(seen)],
        "/etc/group": [one.name for one in (seen.host.groups if seen.host else ())],
    }
    for file, entries in names.items():
        if any(name.startswith("+") for name in entries):
            yield Found(where=file, what="it has an entry that begins with a plus sign.")


@judges("dot-files-are-private")
def judge_dot_files(seen: Seen) -> Iterator[Found]:
    """Of everybody with a shell: whose they are, who may write them, and those that shouldn't be there."""
    yield from _nothing_seen(seen)
    for account in _accounts(seen):
        for name, state in account.dot_files.items():
            where = f"{account.home}/{name}"
            if name in _DOORS:
                yield Found(where=where, what="it opens a way in, or keeps a password.")
            if state.mode is None:
                continue
            allowed = 0o600 if name in _HISTORY else 0o755
            if state.mode & 0o777 & ~allowed:
                yield Found(
                    where=where, what=f"its mode is {state.mode:04o}, at most {allowed:04o} is allowed."
                )
            if state.uid not in (account.uid, 0):
                yield Found(where=where, what=f"it belongs to uid {state.uid}, not to {account.name}.")


@judges("system-accounts-have-no-shell")
def judge_shells(seen: Seen) -> Iterator[Found]:
    """Daemons' accounts, whose numbers are below those of people."""
    yield from _nothing_seen(seen)
    for account in _accounts(seen):
        if seen.host and is_system(account, seen.host) and has_shell(account):
            yield Found(where=account.name, what=f"its shell is {account.shell}.")


@judges("accounts-without-shell-are-locked")
def judge_locked(seen: Seen) -> Iterator[Found]:
    """A password without a shell still opens what asks PAM and needs no shell."""
    yield from _nothing_seen(seen)
    for account in _accounts(seen):
        if not has_shell(account) and account.password != "locked":  # noqa: S105 - a state
            yield Found(where=account.name, what="it has no shell and isn't locked.")


@judges("homes-are-private")
def judge_homes(seen: Seen) -> Iterator[Found]:
    """Of every person with a shell: that there is one, whose it is, and what others may do there."""
    yield from _nothing_seen(seen)
    for account in _accounts(seen):
        if not seen.host or is_system(account, seen.host) or not has_shell(account):
            continue
        state = account.home_file
        if state is None or state.mode is None:
            yield Found(where=account.home, what=f"the home of {account.name} isn't there.")
        elif state.mode & 0o027:
            yield Found(where=account.home, what=f"its mode is {state.mode:04o}, at most 0750 is allowed.")
        elif state.uid != account.uid:
            yield Found(where=account.home, what=f"it belongs to uid {state.uid}, not to {account.name}.")
