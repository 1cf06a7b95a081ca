"""What a gate runs next when its answer has been judged here."""

import shlex
from collections.abc import Sequence

from garrison.plan.step import Command, or_return, sh
from garrison.plan.wanted import Wanted
from garrison.problem import Problem


def pass_or_return(problems: Sequence[Problem], wanted: Wanted) -> tuple[Command, ...]:
    """Nothing where all is well, else a command that says what isn't and takes the release back."""
    if not problems:
        return (sh("true"),)
    text = shlex.quote("\n".join(f"{one.where}: {one.what} {one.remedy}" for one in problems))
    failing = Command(line=f"{{ printf '%s\\n' {text} >&2; false; }}")
    door = wanted.catalog.door
    return (or_return(failing, wanted.settings.stack_home, door.name) if door else failing,)
