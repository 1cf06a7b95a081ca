"""The table lets in what is declared, and SSH before anything is dropped; it is laid down and loaded under guard."""

from types import SimpleNamespace
from typing import Any

import pytest

from garrison.controls.load import load_controls
from garrison.hardening.chosen import Chosen
from garrison.hardening.firewall import FILE, SERVICE, UNIT, firewall_files, plan_firewall
from garrison.hardening.nft import Chain, _rule, plain, read_document, read_text
from garrison.plan.step import Command, Probe, Step
from tests.unit.controls.facts import host_facts
from tests.unit.hardening.firewall import Document, ruleset, seen


def chain(text: str, name: str) -> Chain:
    return next(one for one in read_text(text) if one.name == name)


def test_the_table_that_nft_loaded_is_the_one_that_was_rendered(recorded: Document) -> None:
    assert read_document(recorded) == read_text(ruleset())


def test_ssh_is_let_in_before_anything_is_dropped() -> None:
    rules = chain(ruleset(port="2222"), "input").rules
    ssh = next(number for number, rule in enumerate(rules) if rule.startswith("tcp dport 2222 accept"))
    drops = [number for number, rule in enumerate(rules) if "drop" in rule.split(" comment ")[0]]
    assert drops
    assert ssh < min(drops)


def test_a_connection_that_is_there_survives_the_loading() -> None:
    assert chain(ruleset(), "input").rules[0] == "ct state established,related accept"


def test_a_host_whose_egress_nobody_limits_has_no_chain_for_it() -> None:
    assert [one.name for one in read_text(ruleset(egress=None))] == ["input", "forward"]


def test_the_table_is_replaced_in_one_transaction_and_no_other_is_named() -> None:
    lines = [line for line in ruleset().splitlines() if line and line[0] not in "#\t}"]
    assert lines == ["table inet garrison {}", "delete table inet garrison", "table inet garrison {"]


def test_rules_that_say_the_same_in_another_order_are_the_same() -> None:
    assert plain('tcp dport { 8443, 8088 } accept comment "the door"') == (
        "tcp dport { 8088, 8443 } accept comment the door"
    )


def test_the_files_are_for_root_and_the_unit_begins_before_the_network() -> None:
    files = firewall_files(ruleset())
    assert {path: oct(file.mode) for path, file in files.items()} == {FILE: "0o600", UNIT: "0o644"}
    assert "Before=network-pre.target" in files[UNIT].text
    assert f"ConditionPathExists={FILE}" in files[UNIT].text


def planned(document: Document | None, **facts: Any) -> tuple[Step, ...]:
    """The steps on a host with that ruleset in force, where the controls ask for a firewall."""
    found = seen(document)
    found.snapshot.host = host_facts(sshd={"port": ["22"]}, firewall=document, **facts)
    found.wanted.chosen = Chosen(controls=load_controls().of_level("baseline"))
    return plan_firewall(found.snapshot, found.wanted)


def in_place(**changed: Any) -> dict[str, Any]:
    """Facts of a host that has both files and a unit that runs."""
    files = firewall_files(ruleset())
    states = {
        path: {path: {"mode": file.mode, "uid": 0, "gid": 0, "user": "root", "group": "root"}}
        for path, file in files.items()
    }
    units = {SERVICE: {"load": "loaded", "enabled": "enabled", "active": "active"}}
    texts = {path: file.text for path, file in files.items()}
    return {"files": states, "texts": texts, "units": units, **changed}


def lines(step: Step) -> list[str]:
    return [one.line for one in step.commands if isinstance(one, Command)]


def test_a_bare_host_gets_everything_under_guard_and_is_asked_first_whether_it_reads_it() -> None:
    (step,) = planned(None)
    arm, check, *rest = lines(step)
    assert "guard arm firewall" in arm
    assert all(f"--path {path}" in arm for path in (FILE, UNIT))
    assert check.startswith("( nft -c -f - )")
    assert any("systemctl restart garrison-firewall.service" in line for line in rest)
    assert isinstance(step.commands[-1], Probe)


def test_a_host_that_has_it_is_left_alone(recorded: Document) -> None:
    assert planned(recorded, **in_place()) == ()


def test_a_table_that_somebody_changed_is_loaded_again(recorded: Document) -> None:
    changed: Document = {"nftables": recorded["nftables"][:-1]}
    (step,) = planned(changed, **in_place())
    assert step.why == "the table in force is another"
    assert not any("tar -xz" in line for line in lines(step))


def test_a_unit_that_is_off_is_a_reason(recorded: Document) -> None:
    (step,) = planned(recorded, **in_place(units={}))
    assert step.why == f"{SERVICE} isn't enabled and active"


def test_where_no_control_asks_for_a_firewall_there_is_none() -> None:
    found = seen(None)
    found.wanted.chosen = Chosen(controls=())
    assert plan_firewall(SimpleNamespace(host=found.host), found.wanted) == ()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "expr",
    [{"limit": "slow"}, {"jump": None}, {"match": "x"}, {"log": "x"}, {"reject": "x"}],
    ids=["limit", "jump", "match", "log", "reject"],
)
def test_a_rule_that_is_nothing_of_ours_is_shown_and_not_stumbled_over(expr: dict[str, Any]) -> None:
    (kind,) = expr
    assert kind in _rule({"expr": [expr]})
