"""Who gets through sudo without a password, however its rules are written."""

import pytest

from garrison.controls.code.ways_in import judge_nopasswd
from garrison.controls.seen import Seen
from garrison.evidence.checks import Evidence
from garrison.plan.expect import expect
from garrison.settings import HostSettings
from garrison.snapshot.model import Snapshot
from tests.unit.controls.facts import host_facts

WITHOUT = "ALL=(ALL) NOPASSWD: ALL"


def said(bare: Snapshot, *rules: str) -> list[str]:
    """What is found of these rules where ops deploys."""
    facts = host_facts(sudo=[f"/etc/sudoers.d/x: {rule}" for rule in rules])
    snapshot = bare.model_copy(update={"host": facts})
    settings = HostSettings.from_data("lab", {"server_names": ("lab.test",), "ssh_user": "ops"})
    seen = Seen(evidence=Evidence(snapshot=snapshot), wanted=expect(settings, snapshot))
    return [one.what for one in judge_nopasswd(seen)]


@pytest.mark.parametrize(
    ("users", "others"),
    [
        ("ops , mallory", "mallory"),
        ("ops, mallory", "mallory"),
        ("ops ,mallory", "mallory"),
        ("mallory,ops", "mallory"),
        ('ops, "%domain users" , ben', '"%domain users", ben'),
        (r"ops, %domain\ users", r"%domain\ users"),
        ("ALL, ! ops", "ALL, ! ops"),
        ("opsy", "opsy"),
        ("Defaulter", "Defaulter"),
    ],
)
def test_everybody_in_the_list_of_a_rule_is_told_but_who_deploys(
    users: str, others: str, bare: Snapshot
) -> None:
    assert said(bare, f"{users} {WITHOUT}") == [f"it gives {others} NOPASSWD."]


@pytest.mark.parametrize(
    "rule",
    [
        f"ops {WITHOUT}",
        f"ops , ops {WITHOUT}",
        "mallory ALL=(ALL) ALL",
        "Defaults:ben lecture=never",
        "User_Alias TEAM = ben , mallory",
    ],
)
def test_who_deploys_and_what_asks_for_a_password_is_let_be(rule: str, bare: Snapshot) -> None:
    assert said(bare, rule) == []


def test_an_include_that_was_not_followed_may_say_anything(bare: Snapshot) -> None:
    assert said(bare, "@include /etc/other") == [
        "@include /etc/other couldn't be followed, so nothing is known of what stands there."
    ]
