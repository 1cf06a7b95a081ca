import datetime

import pytest
from pydantic import ValidationError

from garrison.controls.deviations import Deviation
from garrison.controls.standards_findings import StandardsFinding
from tests.standards.named import collect_names

OVERLAY = Deviation(
    id="D01",
    standard="CIS Debian 13 v1.0.0",
    section=("1.1.1.6",),
    says="The overlay module is not available.",
    we_do="We keep the overlay module.",
    because="It is the driver of container storage.",
    compensated_by=("H06",),
    owner="security",
    review=datetime.date(2027, 1, 1),
    rules=("kernel_module_overlayfs_disabled", "KRNL-5830"),
)
BLIND = StandardsFinding(
    tool="OpenSCAP",
    kind="blind",
    why="The rule reads the main file only.",
    rules={"sshd_set_max_sessions": "S08"},
)


def test_a_failed_rule_is_named_by_a_deviation_or_a_finding() -> None:
    named = collect_names([OVERLAY], [BLIND])
    assert named.missing({"kernel_module_overlayfs_disabled", "sshd_set_max_sessions", "package_aide"}) == [
        "package_aide"
    ]


def test_a_named_rule_that_does_not_fail_is_stale() -> None:
    assert collect_names([OVERLAY], [BLIND]).stale({"sshd_set_max_sessions"}) == [
        "kernel_module_overlayfs_disabled"
    ]


def test_tests_of_lynis_are_none_of_openscap_s_rules() -> None:
    assert "KRNL-5830" not in collect_names([OVERLAY], []).kinds


def test_a_rule_named_twice_is_said() -> None:
    assert collect_names([OVERLAY], [BLIND, BLIND]).twice == ("sshd_set_max_sessions",)


def test_the_kinds_can_be_told_apart() -> None:
    assert collect_names([OVERLAY], [BLIND]).of_kind("blind") == {"sshd_set_max_sessions"}


def test_what_fails_on_the_full_machine_alone_is_stale_there_alone() -> None:
    apparmor = OVERLAY.model_copy(
        update={"applies": "apparmor", "rules": ("all_apparmor_profiles_enforced",)}
    )
    findings = [
        BLIND.model_copy(update={"kind": kind, "rules": {kind: "S08"}}) for kind in ("machine", "container")
    ]
    named = collect_names([apparmor], findings)
    assert named.of_machine == {"all_apparmor_profiles_enforced", "machine"}
    assert named.stale(set()) == ["container"]
    assert named.stale_on_machine(set()) == ["all_apparmor_profiles_enforced", "machine"]


def test_a_finding_names_at_least_one_rule() -> None:
    with pytest.raises(ValidationError, match="name at least one rule"):
        StandardsFinding(tool="OpenSCAP", kind="blind", why="The rule reads one file.", rules={})
