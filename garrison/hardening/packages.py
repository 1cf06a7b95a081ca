"""Packages that must be there, and those that mustn't."""

from collections.abc import Iterator, Sequence

from garrison.controls.conditions import Package
from garrison.plan.dpkg import APT_GET, CONFIGURE
from garrison.plan.step import Command, Step
from garrison.snapshot.model import Snapshot

TIME_DAEMON = "systemd-timesyncd"
_TIME_DAEMONS = frozenset({"chrony", "ntpsec", "openntpd", TIME_DAEMON})
# Programs for people, of which no service is made; what else is unwanted may be what the host is there for.
CLIENTS = frozenset(
    {
        *("ftp", "inetutils-telnet", "ldap-utils", "rsh-client"),
        *("rsh-redone-client", "talk", "telnet", "tnftp"),
    }
)
_REMOVE = f"{CONFIGURE} && {APT_GET} remove -y"


def missing_packages(snapshot: Snapshot, conditions: Sequence[Package]) -> tuple[str, ...]:
    """What has to be installed, in order. A time daemon that is there stays: two would pull at one clock."""
    if snapshot.host is None:
        return ()
    there = snapshot.host.packages
    wanted = {each.name for each in conditions if each.present}
    if not there & _TIME_DAEMONS:
        wanted.add(TIME_DAEMON)
    return tuple(sorted(wanted - there))


def plan_removal(snapshot: Snapshot, conditions: Sequence[Package], named: Sequence[str]) -> Iterator[Step]:
    """Removes clients that nothing needs, and of all else only what the inventory names; configuration stays.

    A server may be why the host is there, and no control knows: without its name it stays, and its control fails.
    """
    there = snapshot.host.packages if snapshot.host else frozenset()
    unwanted = {each.name for each in conditions if not each.present} & there
    own = sorted(set(named) & there)
    if own:
        yield _remove_named(own)
    needed = {name for name, others in (snapshot.host.kept_by if snapshot.host else {}).items() if others}
    if clients := sorted((unwanted & CLIENTS) - set(own) - needed):
        yield _remove_clients(clients)


def _remove_named(names: list[str]) -> Step:
    words = " ".join(names)
    refuse = (
        f"for one in $({_gone_with(words)}); do case ' {words} ' in *\" $one \"*) ;; *) "
        'echo "$one would go as well: name it in remove_packages too, or take out what it needs" >&2; exit 1;; '
        "esac; done"
    )
    return Step(
        title=f"remove {words.replace(' ', ', ')}",
        why="remove_packages in the inventory names it, and its configuration stays",
        commands=(Command(line=refuse), Command(line=f"{_REMOVE} {words}", timeout=900)),
    )


def _remove_clients(names: list[str]) -> Step:
    """One by one: what something else needs stays, and its control fails."""
    line = (
        f"for one in {' '.join(names)}; do others=$({_gone_with('$one')}) || exit 1; "
        f'if [ "$others" = "$one" ]; then {_REMOVE} "$one" || exit 1; '
        'else echo "$one stays: something else needs it"; fi; done'
    )
    return Step(
        title=f"remove {', '.join(names)}",
        why="it sends passwords in the clear, and its configuration stays",
        commands=(Command(line=line, timeout=900),),
    )


def _gone_with(words: str) -> str:
    return f"LC_ALL=C apt-get -s remove {words} | awk '$1==\"Remv\"{{print $2}}'"
