"""Secrets that the inventory gives, as files on this machine; a host gets one anew when its file has changed."""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from garrison.plan.step import LIB, Step, sh
from garrison.problem import Problem, ProblemError
from garrison.settings import HostSettings
from garrison.snapshot.model import Snapshot

LABEL = "garrison.given"
_LONGEST = 4096
# A shorter one can't be searched for (find-leaks), nor keeps it who has its mark.
_SHORTEST = 12


@dataclass(frozen=True, kw_only=True)
class Given:
    """One secret by the name that it has on the host."""

    name: str
    value: str = field(repr=False)

    @cached_property
    def mark(self) -> str:
        """What tells whether the host has this value, and from which nobody gets back to it cheaply."""
        digest = hashlib.scrypt(self.value.encode(), salt=self.name.encode(), n=2**14, r=8, p=1, dklen=16)
        return digest.hex()


def load_given(settings: HostSettings) -> Mapping[str, Given]:
    """Every secret that the settings name a file for.

    Raises ProblemError for each file that can't be read, is empty or short, or has more than one line.
    """
    files = settings.alerts.secret_files if settings.alerts else {}
    found, problems = {}, []
    for name, path in files.items():
        try:
            found[name] = Given(name=name, value=_read(path))
        except (OSError, ValueError) as error:
            problems.append(_problem(path, error))
    if problems:
        raise ProblemError(problems)
    return found


def give_steps(snapshot: Snapshot, given: Mapping[str, Given]) -> Iterator[Step]:
    """One step for each secret that the host hasn't got, or has another value of."""
    for name, one in given.items():
        if is_due(snapshot, one):
            value = base64.b64encode(one.value.encode()).decode()
            yield Step(
                title=f"give the host the secret {name}",
                why="its file has changed" if name in snapshot.secret_times else "it hasn't got it",
                commands=(sh(f"{LIB}/give-secret", name, stdin=f"{one.mark}\n{value}"),),
            )


def is_due(snapshot: Snapshot, one: Given) -> bool:
    """Whether the host has no secret of that name, or one of another value."""
    marks = {secret.spec.name: secret.spec.labels.get(LABEL) for secret in snapshot.secrets or ()}
    return marks.get(one.name) != one.mark


def _read(path: Path) -> str:
    text = path.read_text(encoding="utf-8").strip()
    if not text:
        raise ValueError("there is nothing in it")
    if not text.isprintable() or len(text) > _LONGEST:
        raise ValueError(f"a secret is one line of at most {_LONGEST} characters")
    if len(text) < _SHORTEST:
        raise ValueError(f"a secret has at least {_SHORTEST} characters")
    return text


def _problem(path: Path, error: OSError | ValueError) -> Problem:
    # A decoding error would show the bytes.
    said = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
    if type(error) is ValueError:
        said = str(error)
    return Problem(
        where=str(path),
        id="settings.secret-file",
        what=f"this is no secret for a host: {said}.",
        remedy="Put the secret there, alone on one line, or mend 'alerts' in the inventory.",
    )
