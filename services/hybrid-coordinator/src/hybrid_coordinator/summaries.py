"""Lets the local model say in a sentence what a pattern is; without it a pattern simply has none."""

from garrison_kit.problems import HttpProblemError

from hybrid_coordinator.completions import Message, Model
from hybrid_coordinator.tokens import cut_to

_TASK = "Say in one short sentence how the problem was solved. Say nothing else."
_TITLE_TOKENS, _CONTENT_TOKENS, _ANSWER_TOKENS = 150, 600, 80
_LONGEST = 400


class Summaries:
    """Phrases summaries by a model."""

    def __init__(self, model: Model) -> None:
        self._model = model

    async def phrase(self, title: str, content: str) -> str | None:
        """One sentence, or None when the model gives none: no pattern waits for it."""
        asked = f"Problem: {cut_to(title, _TITLE_TOKENS)}\n\nSolution: {cut_to(content, _CONTENT_TOKENS)}"
        messages = [Message(role="system", content=_TASK), Message(role="user", content=asked)]
        try:
            said = await self._model.complete(messages, max_tokens=_ANSWER_TOKENS, temperature=0.0)
        except HttpProblemError:
            return None
        first = said.text.strip().partition("\n")[0].replace("\x00", "").strip()
        return first[:_LONGEST] or None
