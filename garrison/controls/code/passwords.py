"""What the accounts say of their passwords: state, method and days; the hashes themselves were never told."""

from collections.abc import Iterator, Sequence

from garrison.controls.code.registry import judges
from garrison.controls.finding import Found, unseen
from garrison.controls.seen import Seen
from garrison.snapshot.host_model import Account

SHADOW = "/etc/shadow"
NEVER = 99999
_DAY = 86400
_SAYS = {
    "max_days": "may be {} days old",
    "min_days": "may be changed after {} days",
    "warn_days": "is announced to expire {} days before",
    "inactive_days": "lets in for {} days after it expired",
}


def _accounts(seen: Seen) -> tuple[Account, ...]:
    return seen.host.accounts if seen.host else ()


def _nothing_seen(seen: Seen) -> Iterator[Found]:
    if not _accounts(seen):
        yield unseen("/etc/passwd")


@judges("password-days")
def judge_days(
    seen: Seen, of: str, at_most: int | None = None, at_least: int | None = None
) -> Iterator[Found]:
    """Days in shadow, of accounts that have a password; for the others there is nothing that could age."""
    yield from _nothing_seen(seen)
    for account in _accounts(seen):
        if account.password != "set":  # noqa: S105 - a state
            continue
        days = getattr(account, of)
        too_many = at_most is not None and (days is None or days < 0 or days > at_most)
        too_few = at_least is not None and (days or 0) < at_least
        if too_many or too_few:
            limit = f"at most {at_most}" if at_most is not None else f"at least {at_least}"
            shown = "any number of" if days is None else str(days)
            yield Found(where=account.name, what=f"its password {_SAYS[of].format(shown)}, {limit} is asked.")


@judges("password-changes-are-past")
def judge_changes(seen: Seen) -> Iterator[Found]:
    """A day of change that is still to come, by the host's own clock."""
    yield from _nothing_seen(seen)
    today = int(seen.snapshot.time // _DAY)
    for account in _accounts(seen):
        ahead = (account.last_change or 0) - today
        if account.password == "set" and ahead > 0:  # noqa: S105 - a state
            yield Found(where=account.name, what=f"its password was changed {ahead} days from now.")


@judges("password-hashes")
def judge_hashes(seen: Seen, allowed: Sequence[str]) -> Iterator[Found]:
    """The method by which a password is kept."""
    yield from _nothing_seen(seen)
    for account in _accounts(seen):
        if account.password == "set" and account.hash not in allowed:  # noqa: S105 - a state
            yield Found(
                where=account.name,
                what=f"its password is kept as {account.hash or 'nothing known'}.",
                remedy=f"Have it set anew: passwd {account.name}.",
            )


@judges("password-state")
def judge_state(seen: Seen, account: str, allowed: Sequence[str]) -> Iterator[Found]:
    """Whether an account has a password (``set``), is ``locked``, or lets anybody in (``none``)."""
    found = next((one for one in _accounts(seen) if one.name == account), None)
    if found is None or found.password is None:
        yield unseen(f"{SHADOW} {account}")
    elif found.password not in allowed:
        words = {"set": "it has a password.", "none": "its password is empty.", "locked": "it is locked."}
        yield Found(where=account, what=words[found.password])


@judges("passwords-are-shadowed")
def judge_shadowed(seen: Seen) -> Iterator[Found]:
    """The second field of /etc/passwd."""
    yield from _nothing_seen(seen)
    for account in _accounts(seen):
        if not account.shadowed:
            yield Found(where=account.name, what="its password field is in /etc/passwd.")


def expires_without_password(account: Account) -> bool:
    """Whether PAM will bar the account by the age of a password that it doesn't have."""
    days = account.max_days
    return account.password == "locked" and days is not None and 0 <= days < NEVER  # noqa: S105 - a state


@judges("accounts-without-password-do-not-expire")
def judge_keys(seen: Seen) -> Iterator[Found]:
    """PAM's account check looks at the age of what is locked, too."""
    yield from _nothing_seen(seen)
    for account in _accounts(seen):
        if expires_without_password(account):
            what = f"it has no password and is barred {account.max_days} days after its last change."
            yield Found(where=account.name, what=what)
