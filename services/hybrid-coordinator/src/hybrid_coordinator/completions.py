"""Asks language models over the OpenAI API: the local one, and a remote one where an operator has named it."""

from dataclasses import dataclass
from typing import Any, Literal

from garrison_kit.dependency import DependencyError
from garrison_kit.health import NotReadyError
from garrison_kit.outbound import OUTLASTS_RESTART, PAST_BREAKER, SAFE_TO_REPEAT, AsyncClient
from garrison_kit.problems import HttpProblemError
from pydantic import BaseModel, ConfigDict, ValidationError

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, kw_only=True)
class Completion:
    """What a model said; the counts are the model's own."""

    text: str
    model: str
    prompt_tokens: int
    completion_tokens: int


# A model that is asked twice remembers neither.
_AGAIN = {**SAFE_TO_REPEAT, **OUTLASTS_RESTART}


class _Open(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Said(_Open):
    content: str | None = None


class _Choice(_Open):
    message: _Said


class _Usage(_Open):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Answer(_Open):
    choices: list[_Choice]
    model: str = ""
    usage: _Usage = _Usage()


class Model:
    """One model behind one client; ``name`` is what problems call it."""

    def __init__(self, name: str, client: AsyncClient, model: str) -> None:
        self.name = name
        self._client, self._model = client, model

    async def check(self) -> None:
        """For readiness. Raises NotReadyError or DependencyError."""
        answer = await self._client.get("/health", extensions=PAST_BREAKER)
        if answer.status_code != 200:
            raise NotReadyError(f"{self.name} answers {answer.status_code}")

    async def complete(self, messages: list[Message], *, max_tokens: int, temperature: float) -> Completion:
        """One answer. Raises HttpProblemError: DependencyError, or 422 for what the model refuses."""
        body: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "max_tokens": max_tokens,
            "temperature": temperature,
            "stream": False,
        }
        answer = await self._client.post("/v1/chat/completions", json=body, extensions=_AGAIN)
        if answer.status_code in (400, 413, 422):
            raise HttpProblemError(422, f"{self.name} refused the request: it may be too long for its model.")
        if answer.status_code != 200:
            raise DependencyError(self.name, "unavailable")
        try:
            read = _Answer.model_validate_json(answer.content)
            text = read.choices[0].message.content or ""
        except (ValidationError, IndexError) as error:
            raise DependencyError(self.name, "unavailable") from error
        return Completion(
            text=text,
            model=read.model or self._model,
            prompt_tokens=read.usage.prompt_tokens,
            completion_tokens=read.usage.completion_tokens,
        )
