"""Changes that lock everybody out, and a few that don't."""

from garrison.plan.guarded import guarded
from garrison.plan.step import Command, Step, sh

SSHD = "/etc/ssh/sshd_config.d/000-broken.conf"
SUDO = "/etc/sudoers.d/zz-broken"
ACCOUNT = "/etc/pam.d/common-account"
HARMLESS = "/etc/garrison/harmless"
LATE = 13  # longer than a login waits for an answer, shorter than the guards of the tests
RULES = "/etc/garrison/broken.nft"
RULESET = """\
table inet broken {
    chain input {
        type filter hook input priority -10; policy accept;
        ct state established,related accept
        tcp dport 22 drop
    }
}
"""


def write(path: str, text: str, mode: str = "0644") -> Command:
    return sh("install", "-D", "-m", mode, "/dev/stdin", path, stdin=text)


def change(kind: str, seconds: int) -> Step:
    """The change under the guard of its kind."""
    paths, reload, steps = CHANGES[kind]
    return guarded(
        kind, paths, reload, steps, title=f"break {kind}", why="a test asks for it", seconds=seconds
    )


CHANGES: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[Command, ...]]] = {
    "sshd": (
        (SSHD,),
        ("systemctl reload ssh",),
        (write(SSHD, "AllowUsers nobody\n"), sh("sshd", "-t"), sh("systemctl", "reload", "ssh")),
    ),
    "firewall": (
        (RULES,),
        ("nft delete table inet broken",),
        (write(RULES, RULESET), sh("nft", "-f", RULES)),
    ),
    "sudo": ((SUDO,), (), (write(SUDO, "ops ALL=(ALL:ALL) !ALL\n", "0440"),)),
    "pam": ((ACCOUNT,), (), (write(ACCOUNT, "account required pam_deny.so\n"),)),
    # Locks nobody out, but takes its time.
    "harmless": ((HARMLESS,), (), (write(HARMLESS, "harmless\n"), sh("sleep", "60"))),
    # Locks nobody out, but has whoever asks the guard for anything wait until nobody listens any more.
    "late": (
        (HARMLESS,),
        (),
        (
            write(HARMLESS, "late\n"),
            sh(
                "systemd-run",
                "--quiet",
                "--collect",
                "flock",
                "/var/lib/garrison/guard/.lock",
                "sleep",
                f"{LATE}",
            ),
        ),
    ),
    # Ends the change itself: nothing has to wait for the timer.
    "refused": ((SSHD,), ("systemctl reload ssh",), (write(SSHD, "Nonsense yes\n"), sh("sshd", "-t"))),
}
