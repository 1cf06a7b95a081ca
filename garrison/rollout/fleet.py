"""Looks at many hosts at a time, each over a connection of its own; one that gives no answer hides no other."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from gevent.pool import Pool
from paramiko import SSHException
from pydantic import ValidationError
from pyinfra.api import Config, Inventory, State, StringCommand
from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.host import Host
from pyinfra.api.state import StateStage

from garrison.evidence.look import Ask
from garrison.plan.step import Command
from garrison.problem import Problem, ProblemError
from garrison.rollout.connection import tune
from garrison.rollout.events import Progress
from garrison.rollout.targets import Target

Seen = TypeVar("Seen")
# Whatever a connection that can't be made or doesn't last raises.
_BROKEN = (PyinfraError, SSHException, OSError, EOFError)


@dataclass(frozen=True, kw_only=True)
class Looked(Generic[Seen]):
    """What came of one host: ``seen``, or the ``problems`` for which it couldn't be looked at."""

    target: Target
    seen: Seen | None = None
    problems: tuple[Problem, ...] = ()


def look_at_all(
    targets: Iterable[Target], look: Callable[[Target, Ask], Seen], jobs: int, progress: Progress
) -> Iterator[Looked[Seen]]:
    """What ``look`` makes of each host, at most ``jobs`` of them at a time, in the order of ``targets``."""
    waited_for: dict[str, None] = {}

    def one(target: Target) -> Looked[Seen]:
        waited_for[target.name] = None
        try:
            return _look(target, look)
        finally:
            del waited_for[target.name]

    pool = Pool(jobs)
    try:
        with progress.waiting(lambda: f"waiting for {', '.join(waited_for) or 'the hosts'}"):
            yield from pool.imap(one, list(targets), maxsize=jobs)
    finally:
        pool.kill(timeout=5)


def _look(target: Target, look: Callable[[Target, Ask], Seen]) -> Looked[Seen]:
    try:
        with connected(target) as ask:
            return Looked(target=target, seen=look(target, ask))
    except ProblemError as error:
        return Looked(target=target, problems=error.problems)
    except (ValueError, ValidationError) as error:
        problem = _unanswered(target.name, f"an answer of the host can't be read: {error}")
        return Looked(target=target, problems=(problem,))
    except Exception as bug:  # noqa: BLE001 - a host that says what nobody foresaw hides no other
        return Looked(target=target, problems=(_unjudged(target.name, bug),))


@contextmanager
def connected(target: Target) -> Iterator[Ask]:
    """A way to ask the host, as root, for as long as the block runs. Raises ProblemError, also where it is asked."""
    state = State(Inventory(([(target.name, target.data)], {})), Config(FAIL_PERCENT=0, PARALLEL=1))
    state.set_stage(StateStage.Connect)
    (host,) = state.inventory
    try:
        host.connect(show_errors=False, raise_exceptions=True)
    except _BROKEN as error:
        raise ProblemError([_unreachable(target.name, error)]) from error
    state.activate_host(host)
    try:
        tune(host)
        yield lambda command: _ask(host, command)
    finally:
        host.disconnect()


def _ask(host: Host, command: Command) -> str:
    try:
        good, output = host.run_shell_command(
            StringCommand(command.line), _sudo=True, _stdin=command.stdin, _timeout=command.timeout
        )
    except _BROKEN as error:
        raise ProblemError([_unreachable(host.name, error)]) from error
    if not good:
        raise ProblemError(
            [_unanswered(host.name, f"the host didn't answer: {output.stderr or 'without a word'}")]
        )
    return str(output.stdout)


def _unanswered(host: str, what: str) -> Problem:
    remedy = "It needs python3 and sudo without a password; try: ssh USER@HOST sudo -n python3 --version."
    return Problem(where=host, id="check.unanswered", what=what, remedy=remedy)


def _unjudged(host: str, bug: Exception) -> Problem:
    what = f"what it told can't be judged: {type(bug).__name__}: {bug}."
    remedy = "Other hosts are judged all the same. Report this: no answer of a host should do it."
    return Problem(where=host, id="check.unanswered", what=what, remedy=remedy)


def _unreachable(host: str, error: Exception) -> Problem:
    why = str(error) or type(error).__name__
    remedy = "Check ssh_hostname, ssh_user, ssh_key and known_hosts; try: ssh USER@HOST true."
    return Problem(
        where=host, id="host.unreachable", what=f"can't be reached over SSH: {why}.", remedy=remedy
    )
