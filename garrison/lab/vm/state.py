"""What is remembered of the full machine between commands."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict


class VmState(BaseModel):
    """The running machine, as state.json holds it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    process: int
    started: int  # the process's start in clock ticks: a process id alone may be somebody else's by now
    ssh_port: int


def load_state(path: Path) -> VmState | None:
    """Return the recorded machine, or None where none is recorded."""
    try:
        return VmState.model_validate_json(path.read_text())
    except FileNotFoundError:
        return None


def start_of(process: int) -> int | None:
    """Return when ``process`` started, in clock ticks since boot; None where there is no such process."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] == "Z" else int(fields[19])


def is_running(state: VmState) -> bool:
    """Whether the recorded emulator still runs."""
    return start_of(state.process) == state.started
