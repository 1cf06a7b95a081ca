"""The build context of an image of ours: exactly the files it is made from, and their digest."""

import hashlib
import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from garrison.catalog.source import shown
from garrison.problem import Problem, ProblemError

# What tests and tools leave behind, and what changes without the image changing.
_LEFT_OUT = frozenset({"tests", "__pycache__", "build", "dist", "service.yaml"})
_LEFT_OUT_ENDINGS = (".pyc", ".egg-info")


class ContextFile(NamedTuple):
    """One file of a context; ``mode`` is 0o755 for what can be run, else 0o644."""

    mode: int
    content: bytes


def build_context(folder: Path, kit: Path) -> dict[str, ContextFile]:
    """The files that ``podman build`` gets: the Containerfile, and what it copies of ``service/`` and ``kit/``.

    What isn't copied stays out, so that a change to it builds nothing anew. Hidden files, tests, caches and
    service.yaml stay out in any case. Raises ProblemError for symbolic links: what they point at would change
    without the digest.
    """
    found = {f"service/{name}": file for name, file in _files(folder, folder)}
    found |= {f"kit/{name}": file for name, file in _files(kit, kit)}
    recipe = found.pop("service/Containerfile")
    copied = copied_paths(recipe.content.decode(errors="replace"))
    chosen = {path: file for path, file in found.items() if any(_is_below(path, top) for top in copied)}
    return {"Containerfile": recipe, **dict(sorted(chosen.items()))}


def copied_paths(containerfile: str) -> tuple[str, ...]:
    """What the COPY and ADD lines take from the context (not from another stage), as they are written.

    A form that is not understood here, such as a list in JSON or a bind mount, takes everything (``""``):
    an image built once too often is better than one that isn't built.
    """
    paths: list[str] = []
    for line in containerfile.replace("\\\n", " ").splitlines():
        command, *words = line.split() or [""]
        if command.upper() in ("COPY", "ADD") and not any(word.startswith("--from=") for word in words):
            paths += [_before_wildcard(word) for word in words[:-1] if not word.startswith("--")]
        elif any(word.startswith("--mount=") and "type=bind" in word for word in words):
            paths.append("")
    return tuple(paths)


def _before_wildcard(word: str) -> str:
    if word.startswith(("[", "<<", '"')):
        return ""
    plain = list(itertools.takewhile(lambda part: not set(part) & set("*?["), word.split("/")))
    return "/".join(plain)


def _is_below(path: str, top: str) -> bool:
    top = top.removeprefix("./").strip("/")
    return top in (".", "") or path == top or path.startswith(f"{top}/")


def context_digest(context: Mapping[str, ContextFile], base: str) -> str:
    """SHA-256 over the files and the reference of the base image, in hex."""
    digest = hashlib.sha256(f"{base}\n".encode())
    for path, file in sorted(context.items()):
        digest.update(f"{path}\0{file.mode:o}\0{hashlib.sha256(file.content).hexdigest()}\n".encode())
    return digest.hexdigest()


def _files(folder: Path, top: Path) -> Iterator[tuple[str, ContextFile]]:
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in _LEFT_OUT or path.name.endswith(_LEFT_OUT_ENDINGS):
            continue
        if path.is_symlink():
            raise ProblemError([_link(path)])
        if path.is_dir():
            yield from _files(path, top)
        else:
            mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
            yield path.relative_to(top).as_posix(), ContextFile(mode, path.read_bytes())


def _link(path: Path) -> Problem:
    return Problem(
        where=shown(path),
        id="catalog.link-in-context",
        what="an image can't be built from a symbolic link.",
        remedy="Put the file itself there.",
    )
