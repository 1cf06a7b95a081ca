"""How a function becomes the ``code`` condition of a name."""

from collections.abc import Callable, Iterator

from garrison.controls.finding import Found
from garrison.controls.seen import Seen

# Takes what was seen, and the condition's arguments by name; tells what doesn't hold.
Judge = Callable[..., Iterator[Found]]
FUNCTIONS: dict[str, Judge] = {}
# What looks at more than the snapshot: without the slow probes it knows nothing.
PROBING: set[str] = set()


def judges(name: str, *, probing: bool = False) -> Callable[[Judge], Judge]:
    """Registers ``function(seen: Seen, **arguments) -> Iterator[Found]`` as the ``code`` condition ``name``.

    ``probing`` says that it judges what the probes answered.

    Raises ValueError when another function has the name.
    """

    def register(function: Judge) -> Judge:
        if name in FUNCTIONS:
            raise ValueError(f"two functions are registered as {name!r}")
        FUNCTIONS[name] = function
        if probing:
            PROBING.add(name)
        return function

    return register


__all__ = ["FUNCTIONS", "PROBING", "Found", "Judge", "Seen", "judges"]
