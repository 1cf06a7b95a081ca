"""A step: one change to one host, as data that can be printed, tested and run."""

import shlex
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from garrison.plan.laying import archive, lay_line

LIB = "/usr/local/lib/garrison"
RETURN = 900
PROVEN = "/var/lib/garrison/proven"


@dataclass(frozen=True, kw_only=True)
class Command:
    """Words for the host's shell, run as root. ``stdin`` is shown nowhere: not in logs, plans or errors."""

    line: str
    stdin: str | None = field(default=None, repr=False)
    timeout: int = 300


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A command whose standard output decides the next ones, for instance a request that is signed here.

    ``answer`` may raise ProblemError: the step has failed then.
    """

    ask: Command
    answer: Callable[[str], tuple[Command, ...]] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Probe:
    """The end of a guarded step (garrison.plan.guarded): a new login with sudo, which has the host keep the change.

    Where it doesn't come about within ``seconds`` of the beginning, the host takes the change back.
    """

    guard: str
    title: str
    paths: tuple[str, ...]
    seconds: int


@dataclass(frozen=True, kw_only=True)
class Step:
    """``title`` says what is done, ``why`` what was found that makes it necessary."""

    title: str
    why: str
    commands: tuple[Command | Exchange | Probe, ...]

    def describe(self) -> str:
        """One line for a person."""
        return f"{self.title} ({self.why})"


@dataclass(frozen=True, kw_only=True)
class PhasePlan:
    """The steps of one phase and the gate that proves it, which runs only when something changed."""

    id: str
    title: str
    steps: tuple[Step, ...] = ()
    gate: Step | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything that one host needs, phase by phase.

    ``proven`` are the phases whose gate has passed since their last change. ``unnoted``: the host doesn't know of the
    last run that it has passed.
    """

    phases: tuple[PhasePlan, ...]
    proven: frozenset[str] = frozenset()
    unnoted: bool = False

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every change."""
        return tuple(step for phase in self.phases for step in phase.steps)

    @property
    def is_due(self) -> bool:
        """Whether there is anything to change, to prove or to note."""
        return bool(self.steps or self.gated or self.unnoted)

    @property
    def gated(self) -> tuple[str, ...]:
        """The phases whose gate has to run: something up to them changes, or a run ended before they were proven."""
        ids: list[str] = []
        changed = False
        for phase in self.phases:
            changed = changed or bool(phase.steps)
            if phase.gate and (changed or phase.id not in self.proven):
                ids.append(phase.id)
        return tuple(ids)

    def unproven(self, order: Sequence[str], gates: Collection[str]) -> tuple[str, ...]:
        """The phases that this run's changes cast doubt on: those of ``gates`` from the first that changes on.

        ``order`` is every phase there is. One that this run leaves out counts too: what it once proved was another
        state. What is tidied up behind the last phase casts doubt on none.
        """
        changed = [phase.id for phase in self.phases if phase.steps and phase.id in order]
        later = [phase for phase in order[order.index(changed[0]) :] if phase in gates] if changed else []
        return tuple(dict.fromkeys((*self.gated, *later)))

    def queue(self, phase_id: str) -> tuple[Step, ...]:
        """What runs for a phase: its steps, then its gate where it is due."""
        phase = next((phase for phase in self.phases if phase.id == phase_id), None)
        if phase is None:
            return ()
        return (*phase.steps, _proof(phase)) if phase_id in self.gated else phase.steps


def _proof(phase: PhasePlan) -> Step:
    """The gate, which leaves its mark on the host when it has passed."""
    if phase.gate is None:
        raise ValueError(f"phase {phase.id} has no gate")
    mark = Command(line=f"mkdir -p {PROVEN} && touch {PROVEN}/{phase.id}")
    return Step(title=phase.gate.title, why=phase.gate.why, commands=(*phase.gate.commands, mark))


def sh(*words: str, stdin: str | None = None, timeout: int = 300) -> Command:
    """A command of literal words, each quoted."""
    return Command(line=shlex.join(words), stdin=stdin, timeout=timeout)


def as_stack(*words: str, stdin: str | None = None, timeout: int = 300) -> Command:
    """The same as the stack user, through the wrapper that phase 1.1 lays down."""
    return sh(f"{LIB}/as-stack", *words, stdin=stdin, timeout=timeout)


def or_return(command: Command, home: str, door: str) -> Command:
    """The command, and if it fails, every service back to the release that ``current`` points at."""
    back = shlex.join([f"{LIB}/return-release", "--home", home, "--door", door])
    return Command(
        line=f"{command.line} || {{ {back}; exit 1; }}", stdin=command.stdin, timeout=command.timeout + RETURN
    )


def lay_files(
    title: str,
    why: str,
    files: Mapping[str, tuple[int, bytes]],
    *after: Command,
    as_stack_user: bool = False,
    remember: bool = True,
    at_once: bool = False,
) -> Step:
    """Put files in place in one command, then run ``after``: root's files, or the stack user's.

    With ``at_once`` all is one command, which goes on where the connection is cut.
    Below a folder of the stack user only the stack user writes: it could have put a link there that leads root
    elsewhere. What was changed by hand is kept (garrison.plan.laying).
    """
    command = lay_bytes(files, as_stack_user=as_stack_user, remember=remember)
    if at_once:
        return Step(
            title=title,
            why=why,
            commands=(replace(command, line=" && ".join(one.line for one in (command, *after))),),
        )
    return Step(title=title, why=why, commands=(command, *after))


def lay_bytes(
    files: Mapping[str, tuple[int, bytes]], *, as_stack_user: bool = False, remember: bool = True
) -> Command:
    """The one command of ``lay_files``. Without ``remember`` the host keeps no copy to tell later edits by."""
    by = (f"{LIB}/as-stack",) if as_stack_user else ()
    return Command(line=lay_line(by, remember=remember), stdin=archive(files))
