"""Controls name findings of the live checks, by keys that the checks really have."""

import re
from pathlib import Path

import pytest

from garrison.controls.conditions import Evidence as Condition
from garrison.controls.evidence_keys import KEYS, PROBED, UNSEEN
from garrison.controls.judge.evidence import judge_evidence
from garrison.controls.seen import Seen
from garrison.evidence.checks import CHECKS, Evidence
from tests.unit.evidence.conftest import Host
from tests.unit.evidence.faults import SPOILT

ROOT = Path(__file__).parents[3]
CONFINED = "containers-are-confined"


def found(host: Host, check: str, *findings: str) -> list[str]:
    problems = {one.id: one.judge(host.evidence, host.wanted) for one in CHECKS}
    seen = Seen(evidence=host.evidence, wanted=host.wanted, problems=problems)
    condition = Condition(kind="evidence", check=check, findings=findings)
    return [one.known_as for one in judge_evidence(condition, seen)]


def test_the_keys_are_those_of_every_check() -> None:
    assert set(KEYS) == {check.id for check in CHECKS}


def test_the_probed_checks_are_those_that_know_nothing_without_probes(host: Host) -> None:
    """Whoever asks for one of them by name has the probes made."""
    told = {
        one.id
        for check in CHECKS
        for one in check.judge(Evidence(snapshot=host.evidence.snapshot), host.wanted)
    }
    assert {f"{check}.unmeasured" for check in PROBED} == {one for one in told if one.endswith(".unmeasured")}


@pytest.mark.parametrize("fault", sorted(SPOILT))
def test_what_a_check_finds_has_a_key(fault: str) -> None:
    for told in SPOILT[fault][1]:
        check, _, key = told.partition(".")
        assert key in KEYS[check] | UNSEEN


def test_every_key_is_found_by_some_fault() -> None:
    told = {one for _, expected in SPOILT.values() for one in expected}
    assert {f"{check}.{key}" for check, keys in KEYS.items() for key in keys} - told == {
        "containers-are-limited.undelegated.memory",  # test_checks.py: a host without controllers
        "containers-are-limited.undelegated.cpu",
        "containers-are-limited.undelegated.pids",
        "pairs-are-the-declared-ones.untried",
    }


def test_every_key_stands_in_the_sources_of_the_checks() -> None:
    sources = [*(ROOT / "garrison/evidence").glob("*.py"), ROOT / "garrison/plan/exposure.py"]
    text = "".join(path.read_text() for path in sources)
    words = set(re.findall(r'["{.]([a-z-]+)["}]', text))
    computed = {f"{kind}-namespace" for kind in ("network", "pid", "ipc", "uts", "userns", "cgroup")}
    computed |= {f"undelegated.{controller}" for controller in ("memory", "cpu", "pids")}
    assert {key for keys in KEYS.values() for key in keys} - computed - words == set()


def test_nothing_is_found_of_a_faultless_host(host: Host) -> None:
    assert found(host, CONFINED) == []


def test_a_condition_fails_by_the_findings_that_it_names(host: Host) -> None:
    host.container("store")["HostConfig"].update(Privileged=True)
    assert found(host, CONFINED, "privileged") == [f"{CONFINED}.privileged"]
    assert found(host, CONFINED) == [f"{CONFINED}.privileged"]


def test_a_condition_does_not_fail_by_other_findings(host: Host) -> None:
    host.container("store")["HostConfig"].update(Privileged=True)
    assert found(host, CONFINED, "user") == []


@pytest.mark.parametrize(
    "check", [one.id for one in CHECKS if one.id.startswith(("containers", "secrets-are-r"))]
)
def test_what_podman_did_not_tell_fails_every_condition_about_it(check: str, host: Host) -> None:
    host.snapshot["containers"] = None
    assert found(host, check, sorted(KEYS[check])[0]) == [f"{check}.unseen"]


def test_what_was_not_measured_fails(host: Host) -> None:
    problems = {one.id: one.judge(host.evidence, host.wanted) for one in CHECKS}
    assert all(not each for each in problems.values())
    host.snapshot["networks"] = None
    assert found(host, "networks-are-one-for-each-need", "isolate") == [
        "networks-are-one-for-each-need.unknown"
    ]
