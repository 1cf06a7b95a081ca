"""How pyinfra carries out a step."""

from collections.abc import Generator

from pyinfra import host
from pyinfra.api import FunctionCommand, StringCommand, operation
from pyinfra.api.exceptions import OperationError

from garrison.plan.step import Command, Exchange, Step
from garrison.problem import ProblemError
from garrison.rollout.lock import hold_lock


@operation(is_idempotent=False)
def take_lock(generation: str, unproven: tuple[str, ...]) -> Generator[FunctionCommand, None, None]:
    """Hold the host's lock for the rest of the run; the gates of ``unproven`` count as not passed from now on."""
    yield FunctionCommand(lambda: hold_lock(host, generation, unproven), (), {})


@operation(is_idempotent=False)
def carry_out(step: Step) -> Generator[StringCommand | FunctionCommand, None, None]:
    """The commands of a step, in order; the first that fails fails the host."""
    for command in step.commands:
        if isinstance(command, Exchange):
            yield FunctionCommand(_exchange, (command,), {})
        else:
            yield _words(command)


def _words(command: Command) -> StringCommand:
    if command.stdin is None:
        return StringCommand(command.line, _timeout=command.timeout)
    return StringCommand(command.line, _timeout=command.timeout, _stdin=command.stdin)


def _exchange(exchange: Exchange) -> None:
    try:
        for command in exchange.answer(_output(exchange.ask)):
            _output(command)
    except ProblemError as error:
        raise OperationError(str(error)) from error


def _output(command: Command) -> str:
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
