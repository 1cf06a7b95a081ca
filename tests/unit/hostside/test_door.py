"""The door's two checks against real TLS servers on 127.0.0.1, good ones and broken ones."""

import json
import ssl
from contextlib import contextmanager

import pytest

from tests.unit.hostside.servers import NAME, healthy, pems, serving, tls

__all__ = ["pems"]  # a fixture
KEYS = """#!/bin/sh
[ "$1" = list ] && cat "$(dirname "$0")/known" 2>/dev/null || [ "$1" != list ] || echo '[]'
[ "$1" = add ] && echo gk_good > "$(dirname "$0")/key" && echo gk_good
[ "$1" = revoke ] && rm "$(dirname "$0")/key" && echo "$@" > "$(dirname "$0")/revoked"
[ "$1" = revoke ] && echo "$@" >> "$(dirname "$0")/revocations"
exit 0
"""


@contextmanager
def door(tmp_path, pems, answer=healthy, status=301):
    """HTTPS and, before it, the redirect."""
    with serving(answer, tls(pems, tmp_path)) as https:

        def redirect(path, headers):
            host = headers["Host"].rpartition(":")[0]
            return status, {"Location": f"https://{host}:{https}{path}"}, b""

        with serving(redirect) as plain:
            yield plain, https


def check_door(host, tmp_path, ports, name=NAME, ca=None):
    plain, https = map(str, ports)
    words = ("--name", name, "--ca", ca or str(tmp_path / "ca" / "ca.crt"), "--http", plain, "--https", https)
    return host.run("check-door", *words)


@pytest.mark.parametrize("name", [NAME, "127.0.0.1", "fd00::1"])
def test_a_good_door_passes_for_each_of_its_names(host, tmp_path, pems, name):
    with door(tmp_path, pems) as ports:
        done = check_door(host, tmp_path, ports, name)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == ["trust", "distrust", "redirect"]


@pytest.mark.parametrize("name", ["other.example.org", "10.0.0.1"])
def test_a_certificate_for_another_name_fails(host, tmp_path, pems, name):
    with door(tmp_path, pems) as ports:
        done = check_door(host, tmp_path, ports, name)
    assert (done.returncode, "trust: the certificate is refused" in done.stderr) == (1, True)


def test_a_certificate_that_the_system_does_not_trust_fails(host, tmp_path, pems):
    with door(tmp_path, pems) as ports:
        done = check_door(host, tmp_path, ports, ca="system")
    assert (done.returncode, "trust: the certificate is refused" in done.stderr) == (1, True)


def test_a_redirect_that_is_not_permanent_fails(host, tmp_path, pems):
    with door(tmp_path, pems, status=302) as ports:
        done = check_door(host, tmp_path, ports)
    assert (done.returncode, "redirect: http answers 302" in done.stderr) == (1, True)


def test_a_door_that_is_not_healthy_fails(host, tmp_path, pems):
    with door(tmp_path, pems, lambda *_: (503, {}, b"")) as ports:
        done = check_door(host, tmp_path, ports)
    assert (done.returncode, "/healthz answers 503" in done.stderr) == (1, True)


def test_ports_that_nobody_listens_on_are_all_reported(host, tmp_path, pems):
    with door(tmp_path, pems) as ports:
        pass
    done = check_door(host, tmp_path, ports)
    faults = [line.partition(":")[0] for line in done.stderr.splitlines()]
    assert (done.returncode, faults) == (1, ["trust", "distrust", "redirect"])


def test_a_file_that_is_no_certificate_is_named(host, tmp_path):
    (tmp_path / "ca.crt").write_text("hello")
    done = check_door(host, tmp_path, (1, 2), ca=str(tmp_path / "ca.crt"))
    assert (done.returncode, "ca.crt is no certificate" in done.stderr) == (1, True)


PROBLEM = {"Content-Type": "application/problem+json; charset=utf-8"}


def guarded(host, *, accepts=lambda key, good: key is not None and key == good, type_=PROBLEM, inside=200):
    def answer(_path, headers):
        file = host.lib / "key"
        good = file.read_text().strip() if file.exists() else None
        if not accepts(headers.get("X-API-Key"), good):
            return 401, type_, json.dumps({"status": 401}).encode()
        return inside, {}, b""

    return answer


def check_auth(host, tmp_path, pems, answer):
    host.add_program("keys", KEYS)
    with serving(answer, tls(pems, tmp_path)) as port:
        ca = str(tmp_path / "ca" / "ca.crt")
        return host.run("check-auth", "--name", NAME, "--ca", ca, "--https", str(port), "/aidb/", "/llm/")


def test_routes_that_ask_for_a_key_pass_and_the_key_is_taken_away(host, tmp_path, pems):
    done = check_auth(host, tmp_path, pems, guarded(host, inside=404))
    assert (done.returncode, done.stderr) == (0, "")
    assert (host.lib / "revoked").read_text().startswith("revoke garrison-gate --key k")


def test_a_key_that_a_killed_run_left_is_taken_away_first(host, tmp_path, pems):
    (host.lib / "known").write_text('[{"name": "garrison-gate"}]')
    (host.lib / "key").write_text("gk_left")
    check_auth(host, tmp_path, pems, guarded(host, inside=404))
    assert (host.lib / "revocations").read_text().startswith("revoke garrison-gate\n")


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ({"accepts": lambda *_: True}, "/aidb/ without a key answers 200"),
        ({"accepts": lambda key, _: key is not None}, "/llm/ with a wrong key answers 200"),
        ({"type_": {"Content-Type": "text/html"}}, "/aidb/ without a key answers 401 text/html"),
    ],
    ids=["open", "any key", "no problem document"],
)
def test_routes_that_are_open_are_each_named(host, tmp_path, pems, answer, fault):
    done = check_auth(host, tmp_path, pems, guarded(host, **answer))
    assert (done.returncode, fault in done.stderr) == (1, True)
    assert not (host.lib / "key").exists()


@pytest.mark.parametrize(
    ("answer", "status"),
    [({"accepts": lambda *_: False}, 401), ({"inside": 502}, 502), ({"inside": 403}, 403)],
)
def test_a_good_key_that_stays_outside_is_a_fault_once_patience_ends(
    load, host, tmp_path, pems, answer, status
):
    program = load("check-auth")
    client = ssl.create_default_context(cafile=tmp_path / "ca" / "ca.crt")
    (host.lib / "key").write_text("gk_good")
    with serving(guarded(host, **answer), tls(pems, tmp_path)) as port:
        fault = program.admission_fault(program.Door(NAME, port, client), "/aidb/", "gk_good", 0)
    assert f"/aidb/ with a good key still answers {status}" in fault


def test_a_door_that_nobody_can_ask_is_one_sentence(host, tmp_path, pems):
    with serving(healthy, tls(pems, tmp_path)) as port:
        pass
    ca = str(tmp_path / "ca" / "ca.crt")
    done = host.run("check-auth", "--name", NAME, "--ca", ca, "--https", str(port), "/aidb/")
    assert (done.returncode, done.stderr.count("\n"), "can't be asked" in done.stderr) == (1, 1, True)
