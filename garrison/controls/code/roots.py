"""Who is root by number, and who needs no password."""

from collections.abc import Iterator

from garrison.controls.code.registry import judges
from garrison.controls.finding import Found, unseen
from garrison.controls.seen import Seen


@judges("root-alone-is-user-0")
def judge_user_0(seen: Seen) -> Iterator[Found]:
    """No other account has root's number."""
    if seen.host is None or not seen.host.accounts:
        yield unseen("/etc/passwd")
        return
    for account in seen.host.accounts:
        if account.uid == 0 and account.name != "root":
            yield Found(where=account.name, what="it is user 0 too.")


@judges("no-password-is-empty")
def judge_empty(seen: Seen) -> Iterator[Found]:
    """Nobody gets in without a password where one would be asked for; root's own is another control's."""
    if seen.host is None or not seen.host.accounts:
        yield unseen("/etc/shadow")
        return
    for account in seen.host.accounts:
        if account.password == "none" and account.name != "root":  # noqa: S105 - a state
            yield Found(where=account.name, what="its password is empty.")
