"""Changes that could lock everybody out: the host takes them back unless a new login proves them harmless."""

import shlex
from collections.abc import Iterable, Iterator

from garrison.plan.step import LIB, Command, Probe, Step, sh
from garrison.snapshot.guards import GuardState

SECONDS = 120
PROGRAM = f"{LIB}/guard"


def guarded(
    name: str,
    paths: tuple[str, ...],
    reload: tuple[str, ...],
    steps: tuple[Command, ...],
    *,
    title: str,
    why: str,
    seconds: int = SECONDS,
) -> Step:
    """The change ``steps`` under the guard ``name`` (one name a subject: sshd, firewall, sudo, pam).

    ``paths`` are all files, links and folders that the change touches, whether they exist yet or not; ``reload``
    are the shell lines that have running programs read them again after they were put back, good in any order of
    events. The change has to end, and a new login with sudo to work, within ``seconds``. Where a command of the
    change fails, all is put back at once.
    """
    words = [PROGRAM, "arm", name, "--after", str(seconds)]
    words += [word for path in paths for word in ("--path", path)]
    words += [word for line in reload for word in ("--reload", line)]
    probe = Probe(guard=name, title=title, paths=paths, seconds=seconds)
    return Step(title=title, why=why, commands=(sh(*words), *(_or_revert(one, name) for one in steps), probe))


def _or_revert(command: Command, name: str) -> Command:
    back = shlex.join([PROGRAM, "revert", name, "--because", "the change itself failed"])
    return Command(
        line=f"( {command.line} ) || {{ {back} 2>/dev/null; exit 1; }}",
        stdin=command.stdin,
        timeout=command.timeout,
    )


def forget(guards: GuardState, steps: Iterable[Step]) -> Iterator[Step]:
    """The end of records about changes that nobody wants to make any more."""
    tried = {one.guard for step in steps for one in step.commands if isinstance(one, Probe)}
    for record in guards.reverted:
        if record.name not in tried:
            yield Step(
                title=f"forget that a change under the guard {record.name} was taken back",
                why="nothing is to be changed under it any more",
                commands=(sh(PROGRAM, "forget", record.name),),
            )
