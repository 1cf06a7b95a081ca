"""The collector travels as one text, and answers on any Python and in any locale."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from garrison.snapshot.host_model import HostWant
from garrison.snapshot.model import Snapshot
from garrison.snapshot.program import PARTS, pack

ABOUT_HOST = HostWant(
    sysctl=frozenset({"kernel.randomize_va_space", "no.such.key"}),
    files=frozenset({"/etc/passwd", "/etc/no-such*"}),
    texts=frozenset({"/etc/passwd", "/etc/shadow", "/no/such/file"}),
    config=frozenset({"systemd/journald.conf"}),
)
HASH = f"$y$j9T${'s' * 22}${'h' * 43}"
QUESTION: dict[str, Any] = {
    "stack_user": "nobody-of-this-name",
    "stack_uid": 4000,
    "stack_home": "/srv/garrison",
    "files": ["/etc/passwd"],
    "trees": [],
    "packages": ["coreutils", "no-such-package"],
}
# Each costs milliseconds on every look at every host, and none is needed.
SLOW = {
    "concurrent",
    "importlib.abc",
    "importlib.util",
    "inspect",
    "logging",
    "pathlib",
    "platform",
    "shutil",
    "tempfile",
}


def ask(question: dict[str, Any], **environment: str) -> dict[str, Any]:
    words = [sys.executable, "-I", "-", json.dumps(question)]
    every = {**os.environ, **environment}
    done = subprocess.run(words, input=pack().encode(), env=every, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    return dict(json.loads(done.stdout.decode("ascii")))


def test_a_question_about_the_host_is_answered_in_the_models_words() -> None:
    snapshot = Snapshot.parse(ask(QUESTION | {"host": ABOUT_HOST.as_question()}))
    assert snapshot.host is not None
    assert snapshot.host.sysctl["kernel.randomize_va_space"] in {"0", "1", "2"}
    assert snapshot.host.sysctl["no.such.key"] is None
    assert snapshot.host.files["/etc/passwd"]["/etc/passwd"].user == "root"
    assert snapshot.host.files["/etc/no-such*"] == {}
    assert "coreutils" in snapshot.host.packages
    assert snapshot.host.mount("/proc") is not None


def test_without_a_question_about_the_host_nothing_is_told_of_it() -> None:
    assert "host" not in ask(QUESTION)


def test_of_all_packages_those_are_named_with_their_version_that_were_asked_for() -> None:
    assert set(ask(QUESTION)["packages"]) == {"coreutils"}


@pytest.mark.parametrize("locale", ["tr_TR.ISO-8859-9", "ja_JP.eucJP", "C", "no_SUCH.UTF-8"])
def test_no_locale_changes_an_answer(locale: str) -> None:
    plain, other = ask(QUESTION), ask(QUESTION, LANG=locale, LC_ALL=locale, LANGUAGE="de:tr")
    assert {**other, "time": 0, "disk": 0, "listeners": 0} == {**plain, "time": 0, "disk": 0, "listeners": 0}


def test_a_name_that_is_no_text_spoils_no_answer(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9")).touch()
    (told,) = ask(QUESTION | {"trees": [str(tmp_path)]})["trees"].values()
    assert list(told) == ["caf?"]


def test_no_password_leaves_the_host(tmp_path: Path) -> None:
    secret, plain, absent = (tmp_path / name for name in ("shadow", "plain", "absent"))
    secret.write_text(f"root:{HASH}:20000:0:99999:7:::\n")
    plain.write_text("UMASK 027\n")
    about = HostWant(texts=frozenset(map(str, (secret, plain, absent))))
    told = ask(QUESTION | {"host": about.as_question()})
    assert HASH not in json.dumps(told)
    assert told["host"]["texts"] == {str(secret): None, str(plain): "UMASK 027\n", str(absent): None}


def imports(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}


def test_a_part_imports_the_standard_library_and_other_parts() -> None:
    foreign = {
        name
        for path in PARTS.glob("*.py")
        for name in imports(path)
        if not name.startswith("garrison.snapshot.parts")
        and name.split(".")[0] not in sys.stdlib_module_names
    }
    assert foreign == set()


def test_no_part_imports_what_is_slow_to_load() -> None:
    assert not {f"{path.stem}: {name}" for path in PARTS.glob("*.py") for name in imports(path) & SLOW}


def test_typing_is_imported_for_the_checker_alone() -> None:
    loaded = subprocess.run(
        [sys.executable, "-I", "-S", "-X", "importtime", "-", json.dumps(QUESTION)],
        input=pack(),
        capture_output=True,
        text=True,
    ).stderr
    names = {line.rpartition("|")[2].strip() for line in loaded.splitlines()}
    assert not names & (SLOW | {"typing"})
