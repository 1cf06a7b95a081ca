"""What the parts of the snapshot's record have in common: frozen, read from JSON; and the state of one file."""

from pydantic import BaseModel, ConfigDict


class Found(BaseModel):
    """Something that was found on a host; what a newer collector says besides is no fault."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class FileState(Found):
    """``sha256`` for a regular file, ``link`` (its target) for a symbolic link.

    ``user`` and ``group`` are the owners' names where the question asked by a pattern; None when nobody has the id.
    """

    mode: int | None = None
    uid: int | None = None
    gid: int | None = None
    sha256: str | None = None
    link: str | None = None
    user: str | None = None
    group: str | None = None
    folder: bool = False
