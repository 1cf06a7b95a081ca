"""Listens to pyinfra while it carries out a plan, and keeps what every step came to."""

import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from pyinfra.api.state import BaseStateCallback, State

from garrison.rollout.events import EventLog, Progress
from garrison.rollout.hearing import Hearing


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """One step on one host; ``error`` is what the host said when it failed."""

    host: str
    step: str
    seconds: float
    error: str | None = None


class Recorder(BaseStateCallback):
    """One host at a time: a run has a State of its own for each host."""

    def __init__(self, progress: Progress, log: EventLog, heard: Hearing) -> None:
        self.progress = progress
        self.log = log
        self.heard = heard
        self.results: list[StepResult] = []
        self.connect_error: str | None = None
        self._began = 0.0
        self._waiting: AbstractContextManager[None] | None = None

    def host_connect_error(self, state: State, host: Any, error: Any) -> None:  # type: ignore[override] # noqa: ARG002
        self.connect_error = str(error)

    def operation_host_start(self, state: State, host: Any, op_hash: str) -> None:  # type: ignore[override]
        self._began = time.monotonic()
        self.heard.forget()
        step = _name(state, op_hash)
        self.log.write("step_started", host=host.name, step=step)
        self._waiting = self.progress.waiting(f"{host.name}: {step}")
        self._waiting.__enter__()

    def operation_host_success(self, state: State, host: Any, op_hash: str, *_: Any) -> None:  # type: ignore[override]
        self._finish(state, host, op_hash, None)

    def operation_host_error(self, state: State, host: Any, op_hash: str, *_: Any) -> None:  # type: ignore[override]
        self._finish(state, host, op_hash, self.heard.words or "the step failed without a word")

    def note(self, text: str) -> None:
        """Something a person should know while a step goes on."""
        self.log.write("step_note", note=text)
        self.progress.say(f"    {text}", style="yellow")

    def _finish(self, state: State, host: Any, op_hash: str, error: str | None) -> None:
        if self._waiting:
            self._waiting.__exit__(None, None, None)
            self._waiting = None
        step, seconds = _name(state, op_hash), time.monotonic() - self._began
        self.results.append(StepResult(host=host.name, step=step, seconds=seconds, error=error))
        mark, style = ("✗", "red") if error is not None else ("✓", "")
        self.progress.say(f"  {mark} {step}  {seconds:.1f} s", style=style)
        event = "step_failed" if error is not None else "step_done"
        self.log.write(event, host=host.name, step=step, seconds=round(seconds, 3))


def _name(state: State, op_hash: str) -> str:
    return ", ".join(sorted(state.get_op_meta(op_hash).names))
