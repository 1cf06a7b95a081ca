"""The phases in their order, and which of them a run is asked for."""

import difflib

from garrison.problem import Problem, ProblemError

PHASES = {
    "0": "preflight",
    "1.1": "host",
    "2.1": "network",
    "2.2": "tls",
    "2.3": "auth",
    "2.4": "errors",
    "2.5": "exposure",
    "3.2": "metrics",
    "3.3": "tracing",
}

# Phases with a proof of their own; a service's own gate is part of 2.1.
GATES = ("1.1", "2.2", "2.3", "2.4", "2.5", "3.2", "3.3")


def select_phases(through: str | None, phases: str | None) -> frozenset[str]:
    """The ids of the wanted phases. Preflight always belongs to them: it changes nothing.

    ``through`` stops after a phase, ``phases`` is a comma-separated choice; both take ids and names.
    Raises ProblemError for a phase that doesn't exist.
    """
    chosen = list(PHASES)
    if phases:
        chosen = [_resolve("phases", word) for word in phases.split(",")]
    if through:
        last = _resolve("through", through)
        allowed = list(PHASES)[: list(PHASES).index(last) + 1]
        chosen = [phase for phase in chosen if phase in allowed]
    return frozenset({"0", *chosen})


def _resolve(where: str, word: str) -> str:
    word = word.strip()
    for phase, name in PHASES.items():
        if word in (phase, name):
            return phase
    known = [*PHASES, *PHASES.values()]
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    hint = (
        f"Did you mean {near[0]!r}?"
        if near
        else f"Phases: {', '.join(f'{i} {n}' for i, n in PHASES.items())}."
    )
    raise ProblemError(
        [Problem(where=where, id="phases.unknown", what=f"there is no phase {word!r}.", remedy=hint)]
    )
