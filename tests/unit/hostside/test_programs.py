"""What holds for every program that is laid onto hosts."""

import ast
import os
import re
import sys

import pytest

from .conftest import HOSTSIDE

PROGRAMS = sorted(
    path.name
    for path in HOSTSIDE.iterdir()
    if path.is_file() and path.read_bytes().startswith(b"#!/usr/bin/python3")
)


# python3-acme brings these along; it is installed where a host has an ACME server.
OF_DEBIAN = {"tls-acme": {"acme", "josepy", "requests", "cryptography"}}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_can_be_run_as_it_lies_there(name):
    assert os.access(HOSTSIDE / name, os.X_OK)
    assert (HOSTSIDE / name).read_text().splitlines()[0] == "#!/usr/bin/python3 -I"


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_says_in_one_sentence_what_it_does(name):
    docstring = ast.get_docstring(ast.parse((HOSTSIDE / name).read_text())) or ""
    assert re.match(r"[A-Z][^\n]+[.:]$", docstring.splitlines()[0])


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_needs_nothing_but_the_standard_library(name):
    tree = ast.parse((HOSTSIDE / name).read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules = {module.partition(".")[0] for module in names}
    assert modules - OF_DEBIAN.get(name, set()) <= sys.stdlib_module_names


@pytest.mark.parametrize(
    ("name", "words", "stdin"),
    [
        ("make-secrets", ["redis_key"], ""),
        ("tls-request", [], ""),
        ("tls-install", [], "QQ=="),
        ("tls-switch", ["--settle"], ""),
        ("tls-status", [], ""),
        ("probe-door", [], ""),
        ("measure-containers", [], ""),
        ("measure-gpus", [], ""),
        ("measure-logs", [], ""),
        ("tls-renew", [], ""),
        ("tls-stopgap", [], ""),
        ("tls-acme", [], ""),
        ("replace-service", ["redis", "--compose", "/etc/hostname"], ""),
        ("gate", ["redis", "--deadline", "1"], ""),
        ("image-cache", ["save", "--ref", "a", "--cache", "."], ""),
        ("check-auth", ["--name", "a", "--ca", "system", "--https", "1", "/a/"], ""),
        ("check-door", ["--name", "a", "--ca", "/nowhere", "--http", "1", "--https", "1"], ""),
        ("look-dashboards", ['{"port": 1, "secret": "a", "dashboards": [], "deadline": 0}'], ""),
        ("make-base", ["--ref", "a", "--recipe", '{"suite": "x"}'], ""),
        ("build-image", ["--ref", "a", "--base", "b"], ""),
    ],
)
def test_a_host_that_lacks_everything_gets_a_sentence_and_no_traceback(
    host, tmp_path, monkeypatch, name, words, stdin
):
    monkeypatch.chdir(tmp_path)
    (host.lib / "as-stack").unlink()
    done = host.run(name, *words, stdin=stdin)
    assert done.returncode == 1
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
