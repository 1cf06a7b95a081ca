"""The host's programs beside a stand-in for Podman, as a process or as a module."""

import os
import shutil
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

HOSTSIDE = Path(__file__).parents[3] / "garrison" / "hostside"


class Host:
    """What lies in /usr/local/lib/garrison on a real host."""

    def __init__(self, lib: Path) -> None:
        self.lib = lib
        shutil.copy(Path(__file__).with_name("as-stack"), lib)

    def run(self, program: str, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", str(HOSTSIDE / program), *words]
        environment = {**os.environ, "GARRISON_LIB": str(self.lib)}
        return subprocess.run(command, input=stdin, capture_output=True, text=True, env=environment)

    def answer(self, verb: str, output: str = "", code: int = 0) -> None:
        answers = self.lib / "answers"
        answers.mkdir(exist_ok=True)
        (answers / verb).write_text(output)
        (answers / f"{verb}.code").write_text(f"{code}\n")

    def add_program(self, name: str, text: str) -> None:
        (self.lib / name).write_text(text)
        (self.lib / name).chmod(0o755)

    def secret(self, name: str) -> str:
        return (self.lib / "secrets" / name).read_text()

    def add_secret(self, name: str, value: str) -> None:
        (self.lib / "secrets").mkdir(exist_ok=True)
        (self.lib / "secrets" / name).write_text(value)

    @property
    def argv(self) -> str:
        path = self.lib / "argv"
        return path.read_text() if path.exists() else ""


@pytest.fixture
def host(tmp_path: Path) -> Host:
    lib = tmp_path / "lib"
    lib.mkdir()
    return Host(lib)


@pytest.fixture
def load(host: Host, monkeypatch: pytest.MonkeyPatch):
    """A program as a module that finds the stand-in."""

    def load_program(name: str) -> ModuleType:
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
        monkeypatch.setenv("GARRISON_LIB", str(host.lib))
        loader = SourceFileLoader(name.replace("-", "_"), str(HOSTSIDE / name))
        spec = spec_from_loader(loader.name, loader)
        assert spec is not None
        module = module_from_spec(spec)
        loader.exec_module(module)
        return module

    return load_program


@pytest.fixture
def guard(load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program with a place of its own, on a machine whose systemd does whatever it is told."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("systemctl", "systemd-run"):
        text = f'#!/bin/sh\necho {name} "$@" >>{tmp_path}/told\n[ "$1" != is-active ] || [ -e {tmp_path}/started ]\n'
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    monkeypatch.setenv("GARRISON_GUARD", str(tmp_path / "guard"))
    return load("guard")


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    """A file, a link and a folder with a file in it."""
    etc = tmp_path / "etc"
    (etc / "folder").mkdir(parents=True)
    (etc / "file").write_text("before\n")
    (etc / "file").chmod(0o640)
    (etc / "link").symlink_to("file")
    (etc / "folder" / "inner").write_text("inner\n")
    return etc


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a stand-in for journalctl prints: nothing until a test says it. Beside it ``asked``, and how it ``ends``."""
    program = tmp_path / "bin" / "journalctl"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\ncd {tmp_path}\necho "$*" >>asked\ncat said 2>/dev/null\nexit "$(cat ends || echo 0)"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return tmp_path / "said"
