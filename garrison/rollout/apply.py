"""How pyinfra carries out a step."""

from collections.abc import Callable, Generator

from paramiko import SSHException
from pyinfra import host, logger
from pyinfra.api import FunctionCommand, State, StringCommand, operation
from pyinfra.api.exceptions import OperationError
from pyinfra.api.host import Host

from garrison.guard.carry import carry_out_guarded
from garrison.plan.step import Command, Exchange, Probe, Step
from garrison.problem import ProblemError
from garrison.rollout.lock import hold_lock, note_end


@operation(is_idempotent=False)
def take_lock(generation: str, unproven: tuple[str, ...]) -> Generator[FunctionCommand, None, None]:
    """Hold the host's lock for the rest of the run; the gates of ``unproven`` count as not passed from now on."""
    yield FunctionCommand(_take_lock, (generation, unproven), {})


@operation(is_idempotent=False)
def leave_word(changes: int, release: str) -> Generator[FunctionCommand, None, None]:
    """Have the host note that this run has passed."""
    yield FunctionCommand(_leave_word, (changes, release), {})


@operation(is_idempotent=False)
def carry_out(step: Step) -> Generator[StringCommand | FunctionCommand, None, None]:
    """The commands of a step, in order; the first that fails fails the host."""
    if any(isinstance(command, Probe) for command in step.commands):
        yield FunctionCommand(_guarded, (step,), {})
        return
    for command in step.commands:
        if isinstance(command, Exchange):
            yield FunctionCommand(_exchange, (command,), {})
        elif isinstance(command, Command):
            yield _words(command)


def _words(command: Command) -> StringCommand:
    if command.stdin is None:
        return StringCommand(command.line, _timeout=command.timeout)
    return StringCommand(command.line, _timeout=command.timeout, _stdin=command.stdin)


# pyinfra calls functions with these two parameters directly, and takes False for a failure; what they
# raise it would print with a traceback, which is for bugs.
def _take_lock(state: State, host: Host, generation: str, unproven: tuple[str, ...]) -> bool:  # noqa: ARG001
    return _or_words(host, lambda: hold_lock(host, generation, unproven))


def _leave_word(state: State, host: Host, changes: int, release: str) -> bool:  # noqa: ARG001
    return _or_words(host, lambda: note_end(host, changes=changes, release=release))


def _exchange(state: State, host: Host, exchange: Exchange) -> bool:  # noqa: ARG001
    def talk() -> None:
        for command in exchange.answer(_output(host, exchange.ask)):
            _output(host, command)

    return _or_words(host, talk)


def _guarded(state: State, host: Host, step: Step) -> bool:
    def say(text: str) -> None:
        logger.info(f"{host.print_prefix}{text}")
        for handler in state.callback_handlers:
            getattr(handler, "note", str)(f"{host.name}: {text}")

    return _or_words(host, lambda: carry_out_guarded(host, step, lambda one: _output(host, one), say))


def _or_words(host: Host, action: Callable[[], None]) -> bool:
    try:
        action()
    except (OperationError, ProblemError) as error:
        logger.error(f"{host.print_prefix}{error}")
    except (OSError, EOFError, SSHException) as error:
        logger.error(f"{host.print_prefix}the connection broke: {error}. Run again: it continues.")
    else:
        return True
    return False


def _output(host: Host, command: Command) -> str:
    done, output = host.run_shell_command(
        StringCommand(command.line), _sudo=True, _stdin=command.stdin, _timeout=command.timeout
    )
    if not done:
        raise OperationError(output.stderr or f"failed without a word: {command.line}")
    return str(output.stdout)


def queue_steps(steps: tuple[Step, ...]) -> None:
    """Queue steps on the current host, in order."""
    for step in host.loop(steps):
        carry_out(name=step.describe(), step=step)
