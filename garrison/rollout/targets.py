"""The hosts of an inventory file, or the sentence about what is wrong with it."""

import fnmatch
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyinfra.api import State
from pyinfra.context import ctx_state

from garrison.problem import Problem, ProblemError


@dataclass(frozen=True, kw_only=True)
class Target:
    """A host of the inventory with everything the inventory says about it."""

    name: str
    data: dict[str, Any]


def load_targets(inventory: str, limit: str | None, overrides: dict[str, Any]) -> list[Target]:
    """The hosts of an inventory file that ``limit`` (a name, a group or a pattern) leaves.

    Raises ProblemError for a file that doesn't exist or isn't Python, an empty inventory and a limit without a
    match; pyinfra itself ends with exit code 0 for most of these.
    """
    if not Path(inventory).is_file():
        raise ProblemError([_problem(inventory, "inventory.missing", "there is no such inventory file.",
                                     "Name one, for instance inventory/lab.py.")])  # fmt: skip
    from pyinfra_cli.exceptions import UnexpectedExternalError
    from pyinfra_cli.inventory import make_inventory  # patches the whole process as it is imported

    try:
        with ctx_state.use(State()):  # pyinfra notes there which file it reads
            loaded = make_inventory(inventory, override_data=overrides, cwd=str(Path.cwd()))
    except UnexpectedExternalError as error:
        raise _broken(inventory, error.exception) from error
    except (SyntaxError, UnicodeDecodeError) as error:
        raise _broken(inventory, error) from error
    targets = [Target(name=host.name, data=dict(host.data.dict())) for host in loaded]
    if not targets:
        raise ProblemError([_problem(inventory, "inventory.empty", "the inventory has no host.",
                                     "List at least one (inventory/example.py shows how).")])  # fmt: skip
    if limit:
        # A host's own name goes first: lab.py makes everything in it a group `lab` as well.
        named = [one for one in targets if one.name == limit]
        group = {host.name for host in loaded.get_group(limit)} if limit in loaded.groups else set()
        targets = named or [one for one in targets if fnmatch.fnmatch(one.name, limit) or one.name in group]
        if not targets:
            names = ", ".join(sorted(host.name for host in loaded))
            raise ProblemError([_problem(inventory, "inventory.limit", f"no host matches --limit {limit}.",
                                         f"Hosts: {names}.")])  # fmt: skip
    return targets


def _broken(inventory: str, error: Exception) -> ProblemError:
    from garrison.rollout.inputs import describe_broken  # loads what reads certificates

    return ProblemError([describe_broken(inventory, error)])


def _problem(where: str, key: str, what: str, remedy: str) -> Problem:
    return Problem(where=where, id=key, what=what, remedy=remedy)
