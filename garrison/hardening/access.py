"""Who gets in and how: sshd, sudo, PAM, accounts and shells, in the order in which nobody is ever shut out."""

from typing import TYPE_CHECKING

from garrison.hardening import journal, login_defs, pam, shell, sshd, sudo
from garrison.hardening.accounts import plan_accounts, plan_groups
from garrison.plan.step import Step
from garrison.snapshot.host_model import HostWant
from garrison.snapshot.model import Snapshot

if TYPE_CHECKING:  # wanted asks here what to look at, so at run time the arrow must not point back
    from garrison.plan.wanted import Wanted

_FILES = frozenset(
    {
        *(sshd.MAIN, sshd.DROP_IN, sudo.DROP_IN, sudo.ROTATION, login_defs.LOGIN_DEFS, login_defs.USERADD),
        *(pam.SU, pam.FAILLOCK, pam.PWQUALITY, *pam.profile_files()),
        *(shell.PROFILE, *shell.ROOT_FILES, shell.BASHRC, shell.SHELLS, journal.MAIN),
    }
)
# Texts and modes that have to be looked at besides those that the controls name themselves.
ACCESS_WANT = HostWant(texts=_FILES, files=_FILES)


def plan_access(snapshot: Snapshot, wanted: "Wanted") -> tuple[Step, ...]:
    """Groups come before the sshd that asks for them, and accounts are freed before PAM looks at them."""
    host, settings = snapshot.host, wanted.settings
    if host is None:
        return ()
    chosen = wanted.chosen.on(snapshot)
    return (
        *plan_groups(host, chosen, settings),
        *plan_accounts(host, chosen, settings, snapshot.time),
        *login_defs.plan_login_defs(host, chosen),
        *shell.plan_shell(host, chosen),
        *pam.plan_pam(host, chosen, seconds=settings.guard_seconds),
        *sudo.plan_sudo(host, chosen, settings),
        *sshd.plan_sshd(host, chosen, settings),
    )
