"""What running programs are told after their files changed, also when the run that changed them was cut short."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from garrison.plan.step import Command, Step, sh
from garrison.snapshot.model import Snapshot

_FOLDER = "/var/lib/garrison/pending"
# Of a folder that isn't there when its rule is loaded the kernel watches nothing but the name. A run that was cut short
# before it laid the list down owes the rules all the same.
_WATCHED = "/etc/tmpfiles.d/50-garrison-audit.conf"
_AUDIT = f"{{ test ! -e {_WATCHED} || systemd-tmpfiles --create {_WATCHED}; }} && augenrules --load"


def _restart_if_there(name: str) -> Command:
    """A deploy without what wants this timer may have taken it away since."""
    timer = f"garrison-{name}.timer"
    restart = f"{{ test ! -e /etc/systemd/system/{timer} || systemctl restart {timer}; }}"
    return Command(line=f"systemctl daemon-reload && {restart}")


_RELOADS: Mapping[str, Command] = {
    "audit": Command(line=_AUDIT),
    "auditd": sh("systemctl", "kill", "-s", "HUP", "auditd.service"),
    "certificates": sh("update-ca-certificates"),
    "containers": _restart_if_there("containers"),
    "gpus": _restart_if_there("gpus"),
    "grub": sh("update-grub"),
    "journal": Command(line="systemctl daemon-reload && systemctl restart garrison-journal.path"),
    # What was in memory so far is to be on the disk, if that is what changed.
    "journald": Command(line="systemctl restart systemd-journald && journalctl --flush"),
    "logs": _restart_if_there("logs"),
    "manager": sh("systemctl", "daemon-reload"),
    "probe": Command(line="systemctl daemon-reload && systemctl restart garrison-probe.timer"),
    # Not where it ends: then there is nothing to start any more.
    "shipping": Command(
        line="systemctl daemon-reload && { test ! -e /etc/garrison/shipping.conf || "
        "systemctl restart garrison-shipping.service || "
        "{ journalctl -q -o cat -n 5 -u garrison-shipping.service >&2; exit 1; }; }"
    ),
    "timesyncd": sh("systemctl", "try-restart", "systemd-timesyncd"),
    "walls": Command(line="systemctl daemon-reload && systemctl restart garrison-walls.timer"),
}


def mark(key: str) -> str:
    """The file that says on the host that this reload is owed."""
    return f"{_FOLDER}/{key}"


MARKS = frozenset(map(mark, _RELOADS))  # the next run looks for them


def with_reloads(step: Step, keys: Iterable[str], snapshot: Snapshot) -> Step:
    """The step with its reloads behind it, and before it a mark of each, which only the reload itself takes away."""
    due = [key for key in sorted(set(keys)) if _hears(key, snapshot)]
    if not due:
        return step
    owe = Command(line=f"mkdir -p {_FOLDER} && touch {' '.join(map(mark, due))}")
    return Step(
        title=step.title, why=step.why, commands=(owe, *step.commands, *(take_effect(key) for key in due))
    )


def plan_left_reloads(snapshot: Snapshot, later: Collection[str | None] = ()) -> Iterator[Step]:
    """What an earlier run owed when it was cut short. A run lays its files first: they may be missing still.

    ``later`` are those that this run comes to anyway, once the files are there by which they can succeed.
    """
    owed = [key for key in sorted(_RELOADS) if snapshot.files.get(mark(key)) is not None]
    left = [key for key in owed if _hears(key, snapshot) and key not in later]
    if left:
        yield Step(
            title=f"have changes take effect: {', '.join(left)}",
            why="an earlier run was cut short",
            commands=tuple(take_effect(key) for key in left),
        )


def take_effect(key: str) -> Command:
    """Tell whoever reads the files of that kind; then nothing is owed any more."""
    return Command(line=f"{_RELOADS[key].line} && rm -f {mark(key)}")


def _hears(key: str, snapshot: Snapshot) -> bool:
    """Audit can be told only where the host may use the kernel's, and once locked not before the next boot."""
    if not key.startswith("audit"):
        return True
    host = snapshot.host
    return host is not None and host.kernel.audit is True and (host.audit is None or host.audit.enabled != 2)
