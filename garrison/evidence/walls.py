"""Every container stands behind the wall that the catalog means for it, and the wall is up."""

from garrison.catalog.catalog import PREFIX
from garrison.catalog.walls import wall_of
from garrison.evidence.probes import Pairs, Wall
from garrison.plan.wanted import Wanted
from garrison.problem import Problem

ID = "walls-are-up"
_AGAIN = "Put it up again: sudo /usr/local/lib/garrison/wall refresh."


def find_fallen(pairs: Pairs, wanted: Wanted) -> list[Problem]:
    """Running containers without a wall, with another than the catalog's, or with other rules in force."""
    asked = {f"{PREFIX}-{name}": wall_of(wanted.catalog, name) for name in wanted.catalog.services}
    found = (_judge(one, asked.get(one.name)) for one in pairs.walls)
    return [problem for problem in found if problem is not None]


def _judge(wall: Wall, asked: str | None) -> Problem | None:
    where = f"container {wall.name}"
    if (
        asked is None
    ):  # nobody knows it, which is another check's finding; a wall it has none of is this one's
        if wall.found is not None:
            return None
        return Problem(where=where, id=f"{ID}.unwalled", what="it stands behind no wall, and no service is it.",
                       remedy=f"Remove: sudo /usr/local/lib/garrison/as-stack podman rm -f {wall.name}.")  # fmt: skip
    if wall.asked != asked:
        return Problem(where=where, id=f"{ID}.other", what=f"its wall lets through {wall.asked or 'everything'!r}, "
                       f"and its service means {asked!r}.",
                       remedy="Make it anew: `garrison deploy INVENTORY`.")  # fmt: skip
    if wall.found is None:
        return Problem(where=where, id=f"{ID}.down", what="its network namespace has no wall.", remedy=_AGAIN)
    if wall.found != wall.wanted:
        return Problem(where=where, id=f"{ID}.changed", what=f"other rules are in force: {_difference(wall)}.",
                       remedy=_AGAIN)  # fmt: skip
    return None


def _difference(wall: Wall) -> str:
    found, wanted = wall.found or (), wall.wanted or ()
    more = [f"added {line!r}" for line in found if line not in wanted]
    less = [f"missing {line!r}" for line in wanted if line not in found]
    return "; ".join((*more, *less)) or "in another order"
