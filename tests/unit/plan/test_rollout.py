"""The whole plan: what a bare host needs, and that what is in place isn't done again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from garrison.plan.phases import GATES, PHASES
from garrison.plan.rollout import plan_rollout
from garrison.plan.step import PhasePlan, Plan, Step
from garrison.plan.wanted import Wanted
from garrison.problem import ProblemError
from garrison.snapshot.model import Snapshot
from garrison.tls.authority import Authority
from garrison.tls.issuer import FleetIssuer

ALL = frozenset(PHASES)
STEP = Step(title="prove it", why="", commands=())


@pytest.fixture
def plan(wanted: Wanted, tmp_path: Path) -> Callable[..., Plan]:
    def make(snapshot: Snapshot, selected: frozenset[str] = ALL) -> Plan:
        issuer = FleetIssuer(wanted.settings.model_copy(update={"ca_dir": tmp_path}))
        return plan_rollout(snapshot, wanted, issuer, selected, "collector")

    return make


def test_a_bare_host_gets_every_phase_in_order(
    bare: Callable[..., Snapshot], plan: Callable[..., Plan]
) -> None:
    assert [phase.id for phase in plan(bare()).phases] == [*PHASES, "settle"]


def test_a_bare_host_has_every_gate_due(bare: Callable[..., Snapshot], plan: Callable[..., Plan]) -> None:
    assert plan(bare()).gated == ("1.1", "2.2", "2.3", "2.4", "2.5")


def test_services_start_in_dependency_order_and_the_door_last(
    bare: Callable[..., Snapshot], plan: Callable[..., Plan]
) -> None:
    starts = [
        step.title.split()[1].strip(",") for step in plan(bare()).steps if step.title.startswith("start ")
    ]
    assert starts.index("postgres") < starts.index("aidb")
    assert starts.index("embeddings") < starts.index("aidb")
    assert starts[-1] == "nginx"


def test_secrets_exist_before_the_first_service_starts(
    bare: Callable[..., Snapshot], plan: Callable[..., Plan]
) -> None:
    titles = [step.title for step in plan(bare()).steps]
    secrets = next(i for i, title in enumerate(titles) if "secrets" in title)
    assert secrets < next(i for i, title in enumerate(titles) if title.startswith("start "))


def test_the_certificate_comes_before_the_door(
    bare: Callable[..., Snapshot], plan: Callable[..., Plan]
) -> None:
    titles = [step.title for step in plan(bare()).steps]
    assert next(i for i, title in enumerate(titles) if "certificate" in title) < len(titles) - 2


def test_only_the_chosen_phases_are_planned(bare: Callable[..., Snapshot], plan: Callable[..., Plan]) -> None:
    assert [phase.id for phase in plan(bare(), frozenset({"0", "1.1"})).phases] == ["0", "1.1"]


def test_no_step_shows_what_it_gives_to_standard_input(
    bare: Callable[..., Snapshot], plan: Callable[..., Plan]
) -> None:
    assert all("stdin=" not in repr(step) for step in plan(bare()).steps)


def test_planning_makes_no_ca(
    bare: Callable[..., Snapshot], plan: Callable[..., Plan], tmp_path: Path
) -> None:
    plan(bare())
    assert list(tmp_path.iterdir()) == []


def test_an_expired_ca_is_refused_before_the_first_change(
    bare: Callable[..., Snapshot], plan: Callable[..., Plan], tmp_path: Path
) -> None:
    Authority.open(tmp_path, None, datetime.now(UTC) - timedelta(days=3660))
    with pytest.raises(ProblemError, match="expired"):
        plan(bare())


def test_an_unproven_gate_is_due_again_though_nothing_changes() -> None:
    phases = (PhasePlan(id="1.1", title="host", gate=STEP),)
    assert Plan(phases=phases).gated == ("1.1",)
    assert Plan(phases=phases, proven=frozenset({"1.1"})).gated == ()


@pytest.mark.parametrize(
    ("changes", "doubted"),
    [
        ((), ()),
        (("1.1",), GATES),
        (("2.1",), ("2.2", "2.3", "2.4", "2.5", "3.2", "3.3")),
        (("2.4", "3.2"), ("2.4", "2.5", "3.2", "3.3")),
        (("settle",), ()),
    ],
    ids=lambda each: " ".join(each) or "nothing",
)
def test_a_change_casts_doubt_on_what_comes_after_it_and_on_nothing_before(
    changes: tuple[str, ...], doubted: tuple[str, ...]
) -> None:
    """Else the next run would have to prove again what nobody touched."""
    phases = tuple(PhasePlan(id=phase, title="", steps=(STEP,)) for phase in changes)
    plan = Plan(phases=phases, proven=frozenset(GATES))
    assert plan.unproven(tuple(PHASES), GATES) == doubted


@pytest.mark.parametrize("changes", [*PHASES, "settle"])
def test_a_run_of_all_phases_proves_whatever_it_casts_doubt_on(changes: str) -> None:
    phases = tuple(
        PhasePlan(
            id=phase,
            title="",
            steps=(STEP,) if phase == changes else (),
            gate=STEP if phase in GATES else None,
        )
        for phase in (*PHASES, "settle")
    )
    plan = Plan(phases=phases, proven=frozenset(GATES))
    assert plan.unproven(tuple(PHASES), GATES) == plan.gated


def test_a_run_is_due_when_only_the_note_of_the_last_one_is_missing(
    bare: Callable[..., Snapshot], plan: Callable[..., Plan]
) -> None:
    assert Plan(phases=(), unnoted=True).is_due
    assert not Plan(phases=()).is_due
    assert plan(bare(lambda document: document.update(unnoted=True))).unnoted


def test_packages_that_are_there_are_not_installed_again(
    bare: Callable[..., Snapshot], plan: Callable[..., Plan], wanted: Wanted
) -> None:
    def install(document: dict[str, Any]) -> None:
        document["packages"] = dict.fromkeys(wanted.packages, "1")

    titles = [step.title for step in plan(bare(install)).steps]
    assert not any(title.startswith("install ") for title in titles)
