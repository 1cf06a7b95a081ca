"""The words of requests: each type says which texts and numbers it takes, so no later step has to."""

from typing import Annotated

from garrison_kit.text import Text
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

MAX_PROMPT = 64_000


def _has_words(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text


Query = Annotated[Text, StringConstraints(min_length=1, max_length=8000), AfterValidator(_has_words)]
Response = Annotated[Text, StringConstraints(min_length=1, max_length=32_000), AfterValidator(_has_words)]
Content = Annotated[Text, StringConstraints(min_length=1, max_length=32_000), AfterValidator(_has_words)]
Title = Annotated[Text, StringConstraints(min_length=1, max_length=500), AfterValidator(_has_words)]
Source = Annotated[Text, StringConstraints(min_length=1, max_length=500)]
Prompt = Annotated[Text, StringConstraints(min_length=1, max_length=MAX_PROMPT), AfterValidator(_has_words)]
# A name may be part of a label or of a Redis field, so it has no room for anything odd.
AgentType = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,31}$")]
SessionId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
PointId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
MetadataName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
_MetadataText = Annotated[Text, StringConstraints(max_length=1000)]
_Whole = Annotated[int, Field(ge=-(2**53), le=2**53)]
_Real = Annotated[float, Field(allow_inf_nan=False)]
Metadata = Annotated[dict[MetadataName, bool | _Whole | _Real | _MetadataText], Field(max_length=32)]
Filters = Annotated[dict[MetadataName, bool | _Whole | _MetadataText], Field(max_length=8)]
Score = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Rating = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
Budget = Annotated[int, Field(ge=64, le=100_000)]


class Body(BaseModel):
    """A request's body: JSON types taken as they are, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
