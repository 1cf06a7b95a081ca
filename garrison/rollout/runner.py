"""The phases in pyinfra's API mode, host after host, with results that can be trusted."""

from dataclasses import dataclass

from pyinfra.api import Config, Inventory, State
from pyinfra.api.connect import connect_all, disconnect_all
from pyinfra.api.deploy import add_deploy
from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.operations import run_ops
from pyinfra.api.state import StateStage
from pyinfra.context import ctx_config, ctx_inventory, ctx_state

from garrison.plan.edits import find_edited
from garrison.plan.laying import EDITS
from garrison.problem import Problem
from garrison.rollout.context import RefusedError, Rollout, rollout
from garrison.rollout.events import EventLog, Progress
from garrison.rollout.hearing import hearing
from garrison.rollout.recorder import Recorder, StepResult
from garrison.rollout.targets import Target as Target
from garrison.rollout.targets import load_targets as load_targets


@dataclass(frozen=True, kw_only=True)
class HostResult:
    """What a run did to a host: ``problems`` end it before the first change, ``failed`` during one."""

    host: str
    planned: tuple[str, ...] = ()
    steps: tuple[StepResult, ...] = ()
    problems: tuple[Problem, ...] = ()
    failed: str | None = None

    @property
    def is_good(self) -> bool:
        return not self.problems and self.failed is None


def deploy_host(target: Target, progress: Progress, log: EventLog, *, dry: bool) -> HostResult:
    """Plan one host and, unless ``dry``, carry the plan out."""
    with hearing() as heard:
        return _deploy(target, Recorder(progress, log, heard), dry=dry)


def _deploy(target: Target, recorder: Recorder, *, dry: bool) -> HostResult:
    from tasks import PHASES  # the project's own folder, beside deploy.py

    progress = recorder.progress
    state = State(
        Inventory(([(target.name, target.data)], {})), Config(FAIL_PERCENT=0), check_for_changes=False
    )
    state.add_callback_handler(recorder)
    with ctx_state.use(state), ctx_inventory.use(state.inventory), ctx_config.use(state.config.copy()):
        try:
            state.set_stage(StateStage.Connect)
            with progress.waiting(f"{target.name}: connecting"):
                connect_all(state)
            state.set_stage(StateStage.Prepare)
            (host,) = state.inventory
            with progress.waiting(f"{target.name}: looking at the host"):
                for phase in PHASES:
                    add_deploy(state, phase)
            run = rollout(host)
            for warning in run.warnings:
                progress.say(f"  {warning}", style="yellow")
            _tell_edits(run, target, recorder)
            planned = _describe(run)
            if dry or not planned:
                return HostResult(host=target.name, planned=planned)
            state.set_stage(StateStage.Execute)
            run_ops(state)
            return HostResult(host=target.name, planned=planned, steps=tuple(recorder.results))
        except RefusedError as error:
            return HostResult(host=target.name, problems=error.problems)
        except PyinfraError as error:
            return _failed(target, recorder, error)
        finally:
            state.pool.kill(timeout=5)  # after an interrupt: pyinfra would first wait for the step to end
            disconnect_all(state)


def _tell_edits(run: Rollout, target: Target, recorder: Recorder) -> None:
    edited = find_edited(run.snapshot)
    if edited:
        recorder.log.write("edited_by_hand", host=target.name, files=list(edited), kept_in=EDITS)
        kept = f"what of them is overwritten stays on the host in {EDITS}"
        recorder.progress.say(
            f"  edited by hand since they were laid: {', '.join(edited)}; {kept}", style="yellow"
        )


def _describe(run: Rollout) -> tuple[str, ...]:
    changes = [f"{phase.id} | {step.describe()}" for phase in run.plan.phases for step in phase.steps]
    if not changes and run.plan.gated:
        changes = [f"{phase} | prove again what an earlier run left unproven" for phase in run.plan.gated]
    if not changes and run.plan.unnoted:
        changes = ["settle | note that everything has passed, which an earlier run couldn't"]
    return tuple(changes)


def _failed(target: Target, recorder: Recorder, error: PyinfraError) -> HostResult:
    if recorder.connect_error or not recorder.results:
        what = f"can't be reached over SSH: {recorder.connect_error or error}."
        remedy = "Check ssh_hostname, ssh_user, ssh_key and known_hosts; try: ssh USER@HOST true."
        return HostResult(
            host=target.name, problems=(_problem(target.name, "host.unreachable", what, remedy),)
        )
    words = recorder.results[-1].error or str(error)
    return HostResult(host=target.name, steps=tuple(recorder.results), failed=words)


def _problem(where: str, key: str, what: str, remedy: str) -> Problem:
    return Problem(where=where, id=key, what=what, remedy=remedy)
