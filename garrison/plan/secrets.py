"""The secrets that a host lacks: made there, or brought from the inventory."""

from collections.abc import Iterator

from garrison.plan.given import give_steps
from garrison.plan.step import LIB, Command, Step, sh
from garrison.plan.wanted import Wanted
from garrison.snapshot.model import Snapshot


def secret_steps(snapshot: Snapshot, wanted: Wanted) -> Iterator[Step]:
    """Random ones that are missing, and those of the inventory that are missing or differ."""
    missing = [name for name in wanted.catalog.generated_secrets() if name not in snapshot.secret_times]
    if missing:
        yield Step(
            title=f"generate {len(missing)} secrets on the host",
            why=f"missing: {', '.join(missing)}",
            commands=tuple(_make(missing, frozenset(wanted.catalog.credentials()))),
        )
    yield from give_steps(snapshot, wanted.given)


def _make(names: list[str], credentials: frozenset[str]) -> Iterator[Command]:
    own = [name for name in names if name not in credentials]
    if own:
        yield sh(f"{LIB}/make-secrets", *own)
    if derived := [name for name in names if name in credentials]:
        yield sh(f"{LIB}/make-secrets", "--credentials", *derived)
