"""What counts as a good refusal, and each way in which one can be bad."""

import json
from typing import Any

import pytest

from garrison.evidence.errors import find_errors, find_unlike
from garrison.evidence.probes import Provocations
from tests.unit.evidence.synthetic import errors_document, problem_answer

GOOD = problem_answer("an unknown path", 404)


def found(**said: Any) -> list[str]:
    """What is said of one answer that differs in this."""
    document = {**errors_document(), "answers": [{**GOOD, **said}]}
    return [one.what for one in find_unlike(Provocations.model_validate(document))]


def document(**said: Any) -> str:
    return json.dumps({**json.loads(GOOD["body"]), **said})


def test_good_answers_are_no_findings() -> None:
    assert find_errors(Provocations.model_validate(errors_document())) == []


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ({"status": None}, "it is answered nothing, not 404."),
        ({"status": 200}, "it is answered 200, not 404."),
        (
            {"headers": {"content-type": "text/html; charset=utf-8"}},
            "its 404 is text/html, no problem document.",
        ),
        ({"headers": {}}, "its 404 is nothing, no problem document."),
        ({"body": "404"}, "its body is no object."),
        ({"body": "no"}, "its body is no JSON."),
        ({"body": document(error_id="")}, "its document has no error_id."),
        ({"body": document(status=500)}, "its document says 500."),
        ({"body": document(detail="Traceback")}, "it says 'Traceback'."),
        ({"body": document(detail="at /opt/venv/x")}, "it says '/opt/'."),
        ({"body": document(detail="no such file app.py")}, "it says '.py'."),
        ({"headers": {**GOOD["headers"], "server": "nginx/1.26.3"}}, "it says 'nginx/1'."),
        ({"headers": {**GOOD["headers"], "x-upstream": "10.89.0.4"}}, "it says '10.89.0.4'."),
    ],
)
def test_an_answer_that_is_otherwise_is_found(said: dict[str, Any], what: str) -> None:
    assert found(**said) == [what]


def test_an_error_id_that_the_log_does_not_know_is_found() -> None:
    told = {**errors_document(), "answers": [{**GOOD, "logged": False}]}
    assert [one.id for one in find_errors(Provocations.model_validate(told))] == ["errors.unlogged"]


@pytest.mark.parametrize("logged", ["203.0.113.66", "10.89.0.1", None])
def test_another_address_in_the_log_is_found(logged: str | None) -> None:
    told = {**errors_document(), "origins": [{"header": "Forwarded", "logged": logged}]}
    assert [one.id for one in find_errors(Provocations.model_validate(told))] == ["errors.forged"]
