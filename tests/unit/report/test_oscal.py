"""The assessment results are as OSCAL asks: checked once against its models, and here by what those demand."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from garrison.controls.result import State
from garrison.problem import Problem
from garrison.report.oscal import to_oscal
from tests.unit.report.sample import REPORT, result

UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
TOKEN = re.compile(r"^[^\W\d][\w.-]*$")


@pytest.fixture
def told() -> dict[str, Any]:
    return dict(to_oscal(REPORT)["assessment-results"])


def of_host(told: dict[str, Any], host: str) -> dict[str, Any]:
    (found,) = (one for one in told["results"] if one["title"] == host)
    return dict(found)


def values(document: Any, ending: str) -> Iterator[Any]:
    """What stands anywhere under a key that ends so."""
    for key, value in document.items() if isinstance(document, dict) else ():
        if key.endswith(ending):
            yield value
        yield from values(value, ending)
    for one in document if isinstance(document, list) else ():
        yield from values(one, ending)


def test_all_that_must_be_there_is_there(told: dict[str, Any]) -> None:
    assert {"uuid", "metadata", "import-ap", "results"} <= told.keys()
    assert {"title", "last-modified", "version", "oscal-version"} <= told["metadata"].keys()
    for one in told["results"]:
        assert {"uuid", "title", "description", "start", "reviewed-controls"} <= one.keys()
        for observation in one.get("observations", ()):
            assert {"uuid", "description", "methods", "collected"} <= observation.keys()
        for finding in one.get("findings", ()):
            assert {"uuid", "title", "description", "target"} <= finding.keys()
            assert finding["target"]["status"]["state"] in ("satisfied", "not-satisfied")


def test_uuids_and_ids_have_their_form_and_no_list_is_empty(told: dict[str, Any]) -> None:
    assert all(UUID.match(one) for one in values(told, "uuid"))
    assert all(TOKEN.match(one) for one in values(told, "target-id"))
    assert all(TOKEN.match(one) for one in values(told, "control-id"))
    assert [] not in [*values(told, "")]
    assert "" not in [*values(told, "")]


def test_a_reference_leads_to_what_is_there(told: dict[str, Any]) -> None:
    observed = {one["uuid"] for result in told["results"] for one in result.get("observations", ())}
    assert observed >= {*values(told, "observation-uuid")}
    assert told["import-ap"]["href"] == f"#{told['back-matter']['resources'][0]['uuid']}"


def test_each_host_is_a_result_and_each_control_of_it_is_observed(told: dict[str, Any]) -> None:
    assert [one["title"] for one in told["results"]] == [*REPORT.places]
    alpha = of_host(told, "alpha")
    assert len(alpha["observations"]) == len(REPORT.of("alpha"))
    assert {
        one["control-id"] for one in alpha["reviewed-controls"]["control-selections"][0]["include-controls"]
    } == {one.control for one in REPORT.of("alpha")}


def test_what_failed_is_not_satisfied_and_what_is_waived_says_why(told: dict[str, Any]) -> None:
    status = {
        one["target"]["target-id"]: one["target"]["status"] for one in of_host(told, "alpha")["findings"]
    }
    assert (status["S06"]["state"], status["S06"]["reason"]) == ("not-satisfied", "fail")
    assert (status["S01"]["state"], status["S01"]["reason"]) == ("satisfied", "pass")
    assert status["S09"]["state"] == "satisfied"
    assert "by anna: It carries a tunnel." in status["S09"]["remarks"]


def test_what_does_not_apply_is_observed_and_no_finding() -> None:
    one = result("H20", "The clock is right", State.NOT_APPLICABLE, note="the host is a container.")
    found = of_host(to_oscal(replace(REPORT, results=(one,)))["assessment-results"], "alpha")
    assert [each["description"] for each in found["observations"]] == ["the host is a container."]
    assert "findings" not in found


def test_a_host_that_gave_no_answer_says_so_and_has_nothing_reviewed() -> None:
    problem = Problem(id="host.unreachable", where="alpha", what="it sleeps.", remedy="Wake it.")
    report = replace(REPORT, results=(), unanswered={"alpha": (problem,)})
    found = of_host(to_oscal(report)["assessment-results"], "alpha")
    assert "it sleeps." in found["description"]
    assert "observations" not in found
    (selection,) = found["reviewed-controls"]["control-selections"]
    assert selection == {"description": "All were to be; nothing was measured.", "include-all": {}}


def test_a_finding_keeps_its_uuid_from_run_to_run_and_a_run_has_one_of_its_own(told: dict[str, Any]) -> None:
    later = to_oscal(replace(REPORT, time="2027-01-01T00:00:00Z"))["assessment-results"]
    assert later["uuid"] != told["uuid"]
    before, after = ([one["uuid"] for one in of_host(each, "alpha")["findings"]] for each in (told, later))
    assert before == after
    assert len({*before}) == len(before)
