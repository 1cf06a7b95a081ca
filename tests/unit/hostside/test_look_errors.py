"""look-errors against a real server whose every failure is a page of its own: it tells so, and judges nothing."""

import json

import pytest

from garrison.evidence.errors import find_errors
from garrison.evidence.probes import Provocations
from tests.unit.hostside.servers import NAME, pems, serving, tls

__all__ = ["pems"]  # a fixture

QUESTION = {"name": NAME, "routes": [{"path": "/api/", "auth": "key", "body": 1024}]}


def page(_path, _headers):
    return 404, {"Content-Type": "text/html", "Server": "nginx/1.26.3"}, b"<html>nginx/1.26.3</html>"


@pytest.mark.usefixtures("journal")
def test_a_door_whose_errors_are_pages_is_found_out(host, pems, tmp_path):
    with serving(page, tls(pems, tmp_path)) as https, serving(page) as http:
        done = host.run("look-errors", json.dumps({**QUESTION, "http": http, "https": https}))
    found = Provocations.model_validate_json(done.stdout)
    where = " ".join(one.where for one in find_errors(found))
    for case in ("an unknown path", "no key", "smuggled: two lengths", "X-Forwarded-For"):
        assert case in where
    assert {one.id for one in find_errors(found)} == {
        "errors.unlike",
        "errors.smuggled",
        "errors.unlogged",
        "errors.forged",
    }


def test_a_door_that_is_shut_gets_a_sentence(host):
    done = host.run("look-errors", json.dumps({**QUESTION, "http": 1, "https": 1}))
    assert done.returncode == 1
    assert "Is the door up?" in done.stderr
    assert "Traceback" not in done.stderr
