"""Each case in fixtures/judged is a condition, what a host says, and what is found of it."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter

from garrison.controls.conditions import KINDS, Condition
from garrison.controls.finding import Found
from garrison.controls.judge.condition import judge
from garrison.controls.seen import Seen
from garrison.evidence.checks import Evidence
from garrison.plan.wanted import Wanted
from garrison.snapshot.model import Snapshot
from tests.unit.controls.facts import host_facts

FOLDER = Path(__file__).parents[2] / "fixtures" / "judged"
CASES: list[dict[str, Any]] = [
    case for path in sorted(FOLDER.glob("*.yaml")) for case in yaml.safe_load(path.read_text())
]
CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)


def shown(found: Found) -> str:
    marks = [word for word, is_set in (("unseen", found.is_unseen), ("absent", found.is_absent)) if is_set]
    return f"{found.where}: {found.what}" + (f" ({', '.join(marks)})" if marks else "")


@pytest.mark.parametrize(
    "case", CASES, ids=[f"{case['condition']['kind']}: {case['name']}" for case in CASES]
)
def test_a_condition_is_compared_with_what_the_host_says(
    case: dict[str, Any], bare: Snapshot, wanted: Wanted
) -> None:
    snapshot = bare.model_copy(update={"host": host_facts(**case["facts"])})
    seen = Seen(evidence=Evidence(snapshot=snapshot), wanted=wanted)
    condition = CONDITION.validate_python(case["condition"])
    assert [shown(found) for found in judge(condition, seen)] == case["said"]


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"evidence", "code"}))
def test_every_kind_has_a_case_that_holds_one_that_fails_and_one_unseen(kind: str) -> None:
    said = [case["said"] for case in CASES if case["condition"]["kind"] == kind]
    assert [] in said
    assert any(one and "(" not in one[0] for one in said)
    assert kind in ("package", "mount") or any(one and "unseen" in one[0] for one in said)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"evidence", "code"}))
def test_a_host_that_tells_nothing_of_itself_passes_nothing(
    kind: str, bare: Snapshot, wanted: Wanted
) -> None:
    case = next(case for case in CASES if case["condition"]["kind"] == kind)
    snapshot = bare.model_copy(update={"host": None})
    seen = Seen(evidence=Evidence(snapshot=snapshot), wanted=wanted)
    (found,) = judge(CONDITION.validate_python(case["condition"]), seen)
    assert found.is_unseen
