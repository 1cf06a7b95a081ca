"""Waivers have a reason, an owner and a day; they never hide a finding."""

import datetime
from dataclasses import replace
from pathlib import Path

import pytest

from garrison.cli.rules import load_rules
from garrison.evidence.checks import CHECKS
from garrison.evidence.report import Outcome, Verdict, judge_host, judge_waivers
from garrison.evidence.waivers import PlacedWaiver, Waiver, load_waivers
from garrison.problem import ProblemError
from tests.unit.evidence.conftest import Host

TODAY = datetime.date(2026, 6, 1)
KNOWN = frozenset(check.id for check in CHECKS)
GOOD = """\
waivers:
  - host: "*.test"
    check: containers-are-limited.undelegated
    reason: The host is a container without controllers.
    owner: anna
    expires: 2026-12-31
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "waivers.yaml"
    path.write_text(text)
    return path


def waiver(**said: object) -> PlacedWaiver:
    fields: dict[str, object] = {
        "host": "*.test",
        "check": "containers-are-limited",
        "reason": "There is no controller.",
        "owner": "anna",
        "expires": datetime.date(2026, 12, 31),
    }
    return PlacedWaiver(waiver=Waiver.model_validate(fields | said), where="waivers.yaml:2")


def unlimited(host: Host, *waivers: PlacedWaiver) -> Verdict:
    """The verdict about the limits of a host that delegates no controller."""
    for container in host.snapshot["containers"]:
        container["HostConfig"] |= {"Memory": 0, "NanoCpus": 0, "PidsLimit": 0}
    wanted = replace(host.wanted, delegated=frozenset())
    verdicts = judge_host("lab", host.evidence, wanted, waivers, TODAY)
    return next(one for one in verdicts if one.check == "containers-are-limited")


def test_no_file_is_no_waiver(tmp_path: Path) -> None:
    assert load_waivers(tmp_path / "waivers.yaml", KNOWN) == ()


def test_a_waiver_knows_its_line(tmp_path: Path) -> None:
    (found,) = load_waivers(written(tmp_path, GOOD), KNOWN)
    assert found.where.endswith("waivers.yaml:2 waivers.0")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    owner: anna\n", "", "missing"),
        ("reason: The host is a container without controllers.", "reason: because", "10 characters"),
        ("expires: 2026-12-31", "expires: never", "this should be a day"),
        ("owner: anna", "owner: anna\n    forever: true", "forever"),
        ("containers-are-limited.undelegated", "containers-are-limitted", "Did you mean"),
    ],
)
def test_a_faulty_waiver_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(ProblemError) as refused:
        load_waivers(written(tmp_path, GOOD.replace(old, new)), KNOWN)
    assert said in str(refused.value)


def test_the_waivers_of_the_project_can_be_loaded(root: Path) -> None:
    assert load_rules(root / "inventory" / "waivers.yaml").waivers


def test_a_waiver_may_name_a_control(tmp_path: Path) -> None:
    (found,) = load_waivers(
        written(tmp_path, GOOD.replace("containers-are-limited.undelegated", "S06")), KNOWN | {"S06"}
    )
    assert found.waiver.covers(["lab.test"], "S06")
    assert found.waiver.covers(["lab.test"], "S06.unseen")
    assert not found.waiver.covers(["lab.test"], "S061")


def test_without_a_waiver_a_missing_limit_fails(host: Host) -> None:
    verdict = unlimited(host)
    assert verdict.outcome is Outcome.FAILED
    assert {finding.problem.id for finding in verdict.findings} == {
        f"containers-are-limited.undelegated.{controller}" for controller in ("cpu", "memory", "pids")
    }


def test_a_waived_finding_stays_visible(host: Host) -> None:
    verdict = unlimited(host, waiver())
    assert verdict.outcome is Outcome.WAIVED
    assert verdict.findings
    assert verdict.failures == ()


@pytest.mark.parametrize(
    "other",
    [
        waiver(host="*.example.org"),
        waiver(check="containers-are-confined"),
        waiver(check="containers-are-limited.memory"),
        waiver(expires=datetime.date(2026, 5, 31)),
    ],
    ids=["another host", "another check", "another finding of the check", "past its day"],
)
def test_a_waiver_covers_only_what_it_says(host: Host, other: PlacedWaiver) -> None:
    assert unlimited(host, other).outcome is Outcome.FAILED


def test_a_waiver_holds_on_its_last_day() -> None:
    assert waiver(expires=TODAY).expiry(TODAY) is None


def test_an_expired_waiver_is_a_finding() -> None:
    verdict = judge_waivers([waiver(expires=datetime.date(2026, 5, 31))], TODAY)
    assert [problem.id for problem in verdict.failures] == ["waivers.expired"]


def test_no_finding_is_a_pass(host: Host) -> None:
    verdicts = judge_host("lab", host.evidence, host.wanted, (), TODAY)
    assert {one.outcome for one in verdicts} == {Outcome.PASSED}
