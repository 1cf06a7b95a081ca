"""The state of files: by path, by tree, by pattern with their owners' names; and texts."""

import functools
import glob
import grp
import hashlib
import os
import pwd
import re
import stat

from garrison.snapshot.parts.base import Record

MAGIC = re.compile(r"[*?[]")
LONGEST_TEXT = 1 << 20
WITHHELD = False
# Sources of packages may name a password for their mirror. Garrison never writes them, so they are told without it.
SOURCES = "/etc/apt/sources.list"
CREDENTIALS = re.compile(r"(?<=://)[^\s\"']*@")
# Nothing that anybody could log in with leaves the host: not the text that holds it either.
SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|://[^\s/?#@:]*:[^\s/@]+@|grub\.pbkdf2|"
    r"\$(?:[1-7]|2[abxy]|y|gy)\$[^\s:]{20,}",
    re.ASCII,
)


def describe_file(path: str) -> Record | None:
    try:
        info = os.lstat(path)
        if stat.S_ISLNK(info.st_mode):
            return {"link": os.readlink(path)}
        entry: Record = {"mode": stat.S_IMODE(info.st_mode), "uid": info.st_uid, "gid": info.st_gid}
        if stat.S_ISREG(info.st_mode):
            entry["sha256"] = sha256(path)
        return entry
    except OSError:
        return None


def sha256(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def describe_tree(root: str) -> dict[str, Record | None] | None:
    """Every file below ``root``, by relative path; None when there is no such directory."""
    if not os.path.isdir(root):
        return None
    found = {}
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            found[os.path.relpath(path, root)] = describe_file(path)
    return found


def paths_of(pattern: str) -> list[str]:
    """What there is at a path, or at every path that a glob fits, in order."""
    if MAGIC.search(pattern):
        return sorted(glob.glob(pattern, recursive=True))
    return [pattern] if os.path.lexists(pattern) else []


def describe_pattern(pattern: str) -> dict[str, Record]:
    """Mode and owners by path; a link's are those of what it leads to."""
    return {path: entry for path in paths_of(pattern) if (entry := describe_owned(path)) is not None}


def describe_owned(path: str) -> Record | None:
    entry: Record = {}
    try:
        if os.path.islink(path):
            entry["link"] = os.readlink(path)
        info = os.stat(path)
    except OSError:
        return entry or None
    return entry | {
        "mode": stat.S_IMODE(info.st_mode),
        "uid": info.st_uid,
        "gid": info.st_gid,
        "user": user_name(info.st_uid),
        "group": group_name(info.st_gid),
        "folder": stat.S_ISDIR(info.st_mode),
    }


@functools.cache
def user_name(uid: int) -> str | None:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None


@functools.cache
def group_name(gid: int) -> str | None:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return None


def texts_of(patterns: list[str]) -> Record:
    """The text at each path, or of all files that a glob fits (None without any); and of which some was withheld."""
    texts: dict[str, str | None] = {}
    withheld: list[str] = []
    for pattern in patterns:
        found = [_text(path) for path in paths_of(pattern)]
        told = [text for text in found if isinstance(text, str)]
        texts[pattern] = "\n".join(told) if told else None
        if WITHHELD in found:
            withheld.append(pattern)
    return {"texts": texts, "texts_withheld": withheld}


def _text(path: str) -> "str | bool | None":
    """None when no file is there. Whoever edits the text writes it back, so it is told as it is or not at all."""
    try:
        with open(path, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return None
            content = file.read(LONGEST_TEXT + 1)
            text = content.decode("utf-8")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError):
        return WITHHELD
    if path.startswith(SOURCES):
        text = CREDENTIALS.sub("", text)
    return WITHHELD if len(content) > LONGEST_TEXT or SECRET.search(text) else text
