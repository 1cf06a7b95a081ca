"""Files of the hardening that are compared and laid down as text, and edits of texts that others wrote."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from garrison.plan.step import Command, lay_bytes
from garrison.snapshot.host_model import HostFacts

_TEMPLATES = Path(__file__).parents[2] / "templates"
_ENVIRONMENT = Environment(  # noqa: S701 - configuration files, not HTML
    loader=FileSystemLoader(_TEMPLATES),
    undefined=StrictUndefined,
    keep_trailing_newline=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, kw_only=True)
class Text:
    """A file of root's, whole."""

    mode: int
    text: str


Texts = Mapping[str, Text]


def rendered(template: str, **context: object) -> str:
    """The text that a template below ``templates/`` makes of ``context``."""
    return _ENVIRONMENT.get_template(template).render(context)


def outdated(host: HostFacts, files: Texts) -> dict[str, Text]:
    """Those of ``files`` that the host doesn't have, or has with another text, mode or owner."""
    return {path: file for path, file in files.items() if not _is_in_place(host, path, file)}


def _is_in_place(host: HostFacts, path: str, file: Text) -> bool:
    state = host.files.get(path, {}).get(path)
    return (
        host.texts.get(path) == file.text
        and state is not None
        and (state.mode, state.uid, state.gid) == (file.mode, 0, 0)
    )


def edited(host: HostFacts, path: str, text: str, most: int = 0o644) -> dict[str, Text]:
    """``path`` with its new text, if that is another than the host's; else nothing.

    A file whose text was withheld isn't ours to replace: what was in it would be gone.
    ``most`` is what the mode may allow at most: a step before this one may have narrowed what the host still told.
    """
    if path in host.texts_withheld or host.texts.get(path) == text:
        return {}
    state = host.files.get(path, {}).get(path)
    return {path: Text(mode=most if state is None or state.mode is None else most & state.mode, text=text)}


def lay(files: Texts) -> Command:
    """One command that puts ``files`` in place, each with its mode, as root's."""
    content = {path: (file.mode, file.text.encode()) for path, file in files.items()}
    return lay_bytes(content)


def set_keys(text: str, values: Mapping[str, str], *, between: str = " = ") -> str:
    """``text`` with each key at its value: where a line has the key, in every such line, else at the end.

    Commented lines stay as they are. An empty value is a key that stands alone.
    """
    for key, value in values.items():
        line = f"{key}{between}{value}" if value else key
        pattern = re.compile(rf"^[ \t]*{re.escape(key)}(?:[ \t]*=.*|[ \t]+.*|[ \t]*)$", re.M)
        if pattern.search(text):
            text = pattern.sub(lambda _, line=line: line, text)  # type: ignore[misc]
        else:
            text = f"{text.rstrip(chr(10))}\n{line}\n".lstrip("\n")
    return text
