"""``--controls`` names controls by id or pattern; a name that leads nowhere is refused."""

import inspect

import pytest

from garrison.cli.choose import choose
from garrison.controls.code import find_functions, needs_probes
from garrison.controls.code.registry import Judge
from garrison.problem import ProblemError
from tests.unit.controls.making import collect, control, deviation

PAIRS = {"kind": "evidence", "check": "pairs-are-the-declared-ones"}
HANDSHAKES = {"kind": "code", "name": "tls-versions"}
CONTROLS = collect(
    control("S06"), control("S07"), control("N03", holds=(PAIRS,)), control("T01", holds=(HANDSHAKES,))
)


@pytest.mark.parametrize(
    ("patterns", "ids"),
    [
        ("S06", {"S06"}),
        ("S*", {"S06", "S07"}),
        ("S07, N03", {"S07", "N03"}),
        ("D*", {"D01"}),
        ("*", {"S06", "S07", "N03", "T01", "D01"}),
    ],
)
def test_patterns_name_controls_and_deviations(patterns: str, ids: set[str]) -> None:
    assert choose(patterns, CONTROLS, [deviation()]).ids == ids


@pytest.mark.parametrize(
    ("patterns", "said"), [("S99", "'S99'"), ("S06,s*", "'s*'"), ("", "''"), (",", "','")]
)
def test_what_names_nothing_is_refused(patterns: str, said: str) -> None:
    with pytest.raises(ProblemError) as refused:
        choose(patterns, CONTROLS, [])
    assert said in str(refused.value)


def test_without_patterns_all_is_told() -> None:
    assert choose(None, CONTROLS, []).ids is None


@pytest.mark.parametrize(("patterns", "needs"), [(None, True), ("S*", False), ("N*", True), ("T01", True)])
def test_nothing_is_probed_that_nobody_asked_for(patterns: str | None, needs: bool) -> None:
    assert choose(patterns, CONTROLS, []).needs_probes is needs


def test_what_makes_up_for_a_chosen_control_is_probed_too() -> None:
    made_up_for = deviation(control="S06", compensated_by=("N03",))
    assert choose("S06", CONTROLS, [made_up_for]).needs_probes


def test_every_function_that_reads_the_probes_is_known_to_need_them() -> None:
    functions = find_functions()
    reading = {name for name, judge in functions.items() if _reads_probes(judge)}
    assert reading
    assert reading == {name for name in functions if needs_probes(name)}


def _reads_probes(judge: Judge) -> bool:
    """Whether it, or a helper in its module that it calls, looks at the evidence beyond the snapshot."""
    module = inspect.getmodule(judge)
    helpers = [
        one for _, one in inspect.getmembers(module, inspect.isfunction) if one.__module__ == judge.__module__
    ]
    called = [one for one in helpers if one.__name__ in judge.__code__.co_names]
    called += [two for one in called for two in helpers if two.__name__ in one.__code__.co_names]
    return any("evidence" in one.__code__.co_names for one in (judge, *called))
