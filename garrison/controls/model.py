"""What ``controls/<family>/<ID>-<slug>.yaml`` can say: one record a control."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, model_validator

from garrison.controls.conditions import Condition
from garrison.controls.words import not_empty

Level = Literal["baseline", "strict"]
Severity = Literal["high", "medium", "low"]
Standard = Literal[
    "CIS Debian 13 v1.0.0",
    "CIS Debian 12 v1.1.0",
    "CIS Docker v1.6.0",
    "NIST SP 800-53 r5",
    "NIST SP 800-190",
    "Mozilla TLS 6.0",
    "Podman rootless tutorial",
    "Lynis 3",
]
ControlId = Annotated[str, StringConstraints(pattern=r"^[A-CE-Z][0-9]{2,3}$")]
Sections = Annotated[tuple[Annotated[str, StringConstraints(min_length=1)], ...], AfterValidator(not_empty)]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10)]
Title = Annotated[
    str, StringConstraints(min_length=8, max_length=120, pattern=r"^[A-Z/][^\x00-\x1f|]*[^.\s]$")
]
LEVELS: tuple[Level, ...] = ("baseline", "strict")
DEPLOY_HOST = "garrison deploy INVENTORY --phases host"


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Remade(_Record):
    """A container of a deployed host that somebody makes anew by hand, with more than the release says of it.

    ``but`` is laid over its service in compose.yaml: mappings are merged, lists grow, and null takes away.
    ``breaks`` are the others that then fail too.
    """

    service: str
    but: dict[str, Any]
    breaks: tuple[ControlId, ...] = ()


class Edited(_Record):
    """A file of a service's configuration that somebody edits on a deployed host, and has the service read again.

    ``swap`` says what stands for which text, each of which must be there; ``breaks`` which others then fail too.
    """

    service: str
    file: str
    swap: dict[str, str]
    breaks: tuple[ControlId, ...] = ()


class BrokenBy(_Record):
    """How a test makes the control fail: on a live host, or by a patch on what was recorded there.

    ``live`` is what root does, ``remade`` a container made otherwise, ``edited`` a file; the test itself mends these.
    ``spoilt`` names a fault of ``tests/unit/controls/spoilt.py``, laid over a stack that was recorded. It may stand
    beside a live one: it takes no host.
    ``mended_by`` is the command, also by root, that mends what ``live`` broke where a deploy doesn't; ``service`` the
    one that it is about, where not every stack has it. ``breaks`` are the others that then fail too; what is remade or
    edited says that for itself.
    """

    live: str | None = None
    remade: Remade | None = None
    edited: Edited | None = None
    mended_by: str | None = None
    service: str | None = None
    recorded: dict[str, Any] | None = None
    spoilt: str | None = None
    on: Literal["host", "stack"] = "host"
    breaks: tuple[ControlId, ...] = ()

    @property
    def names(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        """Every other control that is named, with its place in the record."""
        places: tuple[tuple[tuple[str, ...], Remade | Edited | BrokenBy | None], ...] = (
            ((), self),
            (("remade",), self.remade),
            (("edited",), self.edited),
        )
        return tuple(
            ((*place, "breaks", index), one)
            for place, way in places
            if way is not None
            for index, one in enumerate(way.breaks)
        )

    @model_validator(mode="before")
    @classmethod
    def _read_on(cls, value: Any) -> Any:
        """YAML reads an unquoted ``on`` as the truth value. Only a stack has containers and their files."""
        if not isinstance(value, dict):
            return value
        on = {"on": "stack"} if value.keys() & {"remade", "edited"} else {}
        return on | {"on" if key is True else key: each for key, each in value.items()}

    @model_validator(mode="after")
    def _is_broken_once(self) -> Self:
        ways = (self.live, self.remade, self.edited, self.recorded)
        given = [way for way in ways if way is not None]
        if len(given) > 1 or (not given and self.spoilt is None):
            raise ValueError(
                "say exactly one of 'live', 'remade', 'edited', 'recorded' and 'spoilt', "
                "which may stand beside the first three"
            )
        if self.recorded is not None and self.spoilt is not None:
            raise ValueError("say 'recorded' or 'spoilt', not both: each is about what was recorded")
        if self.live is None and (self.mended_by or self.service):
            raise ValueError(
                "'mended_by' and 'service' are for 'live'; what else is broken is mended by the test"
            )
        if (self.remade or self.edited) and self.on != "stack":
            raise ValueError("'remade' and 'edited' are for a stack")
        return self


class Control(_Record):
    """What must hold on a host, why, by which standards, and how it looks when it doesn't."""

    id: ControlId
    title: Title
    level: Level
    severity: Severity
    why: Sentence
    standards: dict[Standard, Sections] = {}
    applies: str = "always"
    only_if_present: bool = False
    holds: Annotated[tuple[Condition, ...], AfterValidator(not_empty)]
    remedy: str = DEPLOY_HOST
    failure: Sentence
    broken_by: BrokenBy | None = None
    note: str = ""

    def is_in(self, level: Level) -> bool:
        """Whether ``level`` asks for it: strict asks for all that baseline does, and more."""
        return LEVELS.index(self.level) <= LEVELS.index(level)
