"""The lab's stand-ins for the dumps of nixpkgs and NixOS, and what serves them."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_connection, create_server

import pytest

from garrison.lab import upstream_dumps, upstream_packs, upstream_server
from garrison.lab.names import LabNames

AVAILABLE = """\
Package: zsh
Version: 5.9-8
Homepage: https://zsh.example
Depends: libc6: any
Description: shell with lots of features
 A long one.

Package: apt
Version: 3.0
Description: commandline package manager

"""
MANUAL = r"""
.SH Available settings
.IP "\(bu" 3
.UR #conf-keep-going
\f(CRkeep-going\fR
.UE
.IP
Whether to keep building, as \f(CR--keep-going\fR does; see \c
.UR #conf-max-jobs
\f(CRmax-jobs\fR
.UE
\&.
.IP
\fBDefault:\fR \f(CRfalse\fR
.IP "\(bu" 3
.UR #conf-max-jobs
\f(CRmax-jobs\fR
.UE
.IP
Maximum number of jobs.
.IP
\fBDefault:\fR \f(CR1\fR
"""


def test_debians_packages_are_told_as_nixpkgs_tells_its_own() -> None:
    dump = json.loads(upstream_dumps.make_packages(AVAILABLE))
    assert list(dump["packages"]) == ["apt", "zsh"]
    assert dump["packages"]["zsh"] == {
        "pname": "zsh",
        "version": "5.9-8",
        "meta": {"description": "shell with lots of features", "homepage": "https://zsh.example"},
    }


def test_nixs_settings_are_told_as_nixos_tells_its_options() -> None:
    dump = json.loads(upstream_dumps.make_options(MANUAL))
    assert list(dump) == ["nix.settings.keep-going", "nix.settings.max-jobs"]
    keep_going = dump["nix.settings.keep-going"]
    assert keep_going["type"] == "boolean"
    assert keep_going["default"] == {"_type": "literalExpression", "text": "false"}
    assert keep_going["description"].startswith("Whether to keep building, as --keep-going does; see")
    assert dump["nix.settings.max-jobs"]["type"] == "integer"


def test_the_same_files_make_the_same_archive(tmp_path: Path) -> None:
    for name in ("one", "two"):
        folder = tmp_path / name / "man"
        folder.mkdir(parents=True)
        for page in ("b.1", "a.1") if name == "one" else ("a.1", "b.1"):
            (folder / page).write_text(page)
            (folder / page).chmod(0o600 if name == "one" else 0o644)
    one, two = (upstream_packs._pack(tmp_path / name / "man") for name in ("one", "two"))
    assert one == two


def test_the_servers_control_group_is_no_machines() -> None:
    names = LabNames(lab_id="0123abcd")
    assert not names.upstream.startswith(names.machine_prefix)
    assert names.upstream.startswith("garrison-")


@pytest.mark.parametrize(("path", "status"), [("/a.txt", 200), ("/", 404), ("/b", 404), ("/../secret", 404)])
def test_the_server_gives_files_of_its_folder_and_nothing_else(
    tmp_path: Path, path: str, status: int
) -> None:
    folder = tmp_path / "served"
    (folder / "b").mkdir(parents=True)
    (folder / "a.txt").write_text("a")
    (tmp_path / "secret").write_text("s")
    with _serve(folder) as port:
        assert _status(f"http://127.0.0.2:{port}{path}") == status


@pytest.mark.parametrize("network", ["127.0.0.0/8", "10.99.0.0/24"])
def test_neither_this_machine_nor_another_network_gets_an_answer(tmp_path: Path, network: str) -> None:
    (tmp_path / "a.txt").write_text("a")
    source = "127.0.0.2" if network == "127.0.0.0/8" else "127.0.0.1"
    with _serve(tmp_path, network) as port, create_connection(("127.0.0.2", port), 10, (source, 0)) as link:
        link.sendall(b"GET /a.txt HTTP/1.0\r\n\r\n")
        assert link.recv(100) == b""


@contextmanager
def _serve(folder: Path, network: str = "127.0.0.0/8") -> Iterator[int]:
    with create_server(("127.0.0.2", 0)) as listener:
        argv = [sys.executable, "-I", upstream_server.__file__, str(listener.fileno()), network, str(folder)]
        server = subprocess.Popen(argv, pass_fds=[listener.fileno()], stderr=subprocess.DEVNULL)
        try:
            yield listener.getsockname()[1]
        finally:
            server.kill()
            server.wait()


def _status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own server
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
