"""What the host's guard program tells: which changes are unproven, and which it took back and why."""

from garrison.snapshot.record import Found


class Armed(Found):
    """A change that the host takes back by itself unless it is proven in time."""

    name: str
    armed: str
    after: int

    @property
    def is_readable(self) -> bool:
        """Whether the host could tell more than that there is one."""
        return self.after > 0


class Reload(Found):
    """A shell line that was run after the files were put back, and what came of it."""

    line: str
    code: int
    said: str = ""


class Reverted(Found):
    """A change that was taken back."""

    name: str
    armed: str
    reverted: str
    because: str
    paths: tuple[str, ...]
    reloads: tuple[Reload, ...] = ()

    def __str__(self) -> str:
        if not self.paths:
            return f"the host could take back nothing under the guard {self.name!r}: {self.because}."
        return (
            f"the host took back the change under the guard {self.name!r} at {self.reverted}: {self.because}."
        )


class Kept(Found):
    """A change that a new login had the host keep."""

    name: str
    kept: str


class GuardState(Found):
    """All guards of a host; how one ended stays known until another change is made under its name."""

    armed: tuple[Armed, ...] = ()
    reverted: tuple[Reverted, ...] = ()
    kept: tuple[Kept, ...] = ()

    def is_armed(self, name: str) -> bool:
        """Whether the change is still unproven."""
        return any(one.name == name for one in self.armed)

    def past(self, name: str) -> Reverted | None:
        """How the change was taken back, if it was."""
        return next((one for one in self.reverted if one.name == name), None)

    def proven(self, name: str) -> Kept | None:
        """When the change was kept, if it was."""
        return next((one for one in self.kept if one.name == name), None)
