"""What a control can ask of a host: the check compares it, and the deploy derives what it writes from it."""

from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    StringConstraints,
    Tag,
    model_validator,
)

from garrison.controls.words import Asked, Mode, Path, Pattern, Text, Texts


class _Condition(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def _exactly_one(self, *names: str) -> None:
        given = [name for name in names if getattr(self, name) is not None]
        if len(given) != 1:
            wanted = ", ".join(repr(name) for name in names)
            raise ValueError(f"it says {' and '.join(given) or 'none'} of {wanted}; say exactly one of them")

    def _at_least_one(self, *names: str) -> None:
        if all(getattr(self, name) is None for name in names):
            raise ValueError(
                f"nothing is asked; say at least one of {', '.join(repr(name) for name in names)}"
            )


class Sshd(_Condition):
    """An option as ``sshd -T`` tells it; lists are compared item by item."""

    kind: Literal["sshd"]
    option: Text
    value: Text | None = None
    at_most: int | None = None
    within: Texts | None = None
    begins: Texts | None = None
    set: bool | None = None

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Self:
        self._exactly_one("value", "at_most", "within", "begins", "set")
        return self


class Sysctl(_Condition):
    """A setting of the kernel, as the kernel has it now."""

    kind: Literal["sysctl"]
    key: Text
    value: Text


class Module(_Condition):
    """A kernel module that is neither loaded nor loadable."""

    kind: Literal["module"]
    name: Text


class Mount(_Condition):
    """Options that a mount at exactly ``path`` has in effect."""

    kind: Literal["mount"]
    path: Path
    options: Texts


class LoginDefs(_Condition):
    """A line of /etc/login.defs."""

    kind: Literal["login_defs"]
    key: Text
    value: Text | None = None
    at_most: int | None = None
    at_least: int | None = None

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Self:
        self._exactly_one("value", "at_most", "at_least")
        return self


class File(_Condition):
    """``mode`` is the most that may be allowed; ``path`` may be a glob."""

    kind: Literal["file"]
    path: Path
    mode: Mode | None = None
    owner: Text | None = None
    group: Text | None = None
    must_exist: bool = False

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.must_exist:
            self._at_least_one("mode", "owner", "group")
        return self


class Package(_Condition):
    """A package that is installed, or isn't."""

    kind: Literal["package"]
    name: Text
    present: bool


class Unit(_Condition):
    """A unit of systemd; one that isn't there is neither enabled nor active."""

    kind: Literal["unit"]
    name: Annotated[str, StringConstraints(pattern=r"^[^\s/]+\.[a-z]+$")]
    enabled: bool | None = None
    active: bool | None = None
    masked: bool | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        self._at_least_one("enabled", "active", "masked")
        return self


class Config(_Condition):
    """The effective value of a key of a systemd file, drop-ins included."""

    kind: Literal["config"]
    file: Text
    section: Text
    key: Text
    value: Text


class TextFile(_Condition):
    """What a file's text must have or must not have; ``^`` and ``$`` are ends of a line."""

    kind: Literal["text"]
    path: Path
    has: Pattern | None = None
    lacks: Pattern | None = None

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Self:
        self._exactly_one("has", "lacks")
        return self


class Apt(_Condition):
    """One of the values of a key in ``apt-config dump``."""

    kind: Literal["apt"]
    key: Text
    value: Text


class Audit(_Condition):
    """A rule as ``auditctl -l`` prints it."""

    kind: Literal["audit"]
    rule: Text


class Sudo(_Condition):
    """A ``Defaults`` of sudoers and its drop-ins; without ``value``, a flag."""

    kind: Literal["sudo"]
    option: Text
    value: Text | None = None


class Evidence(_Condition):
    """Findings of a check of ``garrison.evidence``; none named means all of them."""

    kind: Literal["evidence"]
    check: Text
    findings: tuple[Text, ...] = ()


class Code(_Condition):
    """A pure function in ``garrison/controls/code``, for what no other kind covers; ``asks`` is what it looks at."""

    kind: Literal["code"]
    name: Text
    arguments: dict[str, Any] = {}
    asks: dict[Asked, Texts] = {}


KINDS: dict[str, type[_Condition]] = {
    get_args(each.model_fields["kind"].annotation)[0]: each
    for each in (
        *(Sshd, Sysctl, Module, Mount, LoginDefs, File, Package, Unit, Config),
        *(TextFile, Apt, Audit, Sudo, Evidence, Code),
    )
}


def _tag(value: object) -> str:
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return f"<{kind}>"


Condition = Annotated[
    Annotated[Sshd, Tag("<sshd>")]
    | Annotated[Sysctl, Tag("<sysctl>")]
    | Annotated[Module, Tag("<module>")]
    | Annotated[Mount, Tag("<mount>")]
    | Annotated[LoginDefs, Tag("<login_defs>")]
    | Annotated[File, Tag("<file>")]
    | Annotated[Package, Tag("<package>")]
    | Annotated[Unit, Tag("<unit>")]
    | Annotated[Config, Tag("<config>")]
    | Annotated[TextFile, Tag("<text>")]
    | Annotated[Apt, Tag("<apt>")]
    | Annotated[Audit, Tag("<audit>")]
    | Annotated[Sudo, Tag("<sudo>")]
    | Annotated[Evidence, Tag("<evidence>")]
    | Annotated[Code, Tag("<code>")],
    Discriminator(
        _tag,
        custom_error_type="catalog",
        custom_error_message=f"there is no such kind of condition; the kinds are {', '.join(KINDS)}",
    ),
]
