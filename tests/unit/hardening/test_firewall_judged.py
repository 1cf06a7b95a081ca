"""What is in force is judged by code: whatever lets in too much, or too little, is found and named."""

import copy
import json
from types import SimpleNamespace
from typing import Any

import pytest

from garrison.controls.code import find_functions
from garrison.hardening.firewall import SERVICE, firewall_warnings
from tests.unit.controls.facts import host_facts
from tests.unit.hardening.firewall import INVALID, Document, add, judged, policy, port, seen, without

NAMES = [
    ("firewall-denies", {"hook": "input"}),
    ("firewall-denies", {"hook": "forward"}),
    ("firewall-accepts-what-is-declared", {}),
    ("firewall-lets-ssh-in-first", {}),
    ("firewall-has", {"chain": "input", "rules": ["iif lo accept", "ip saddr 127.0.0.0/8 drop"]}),
    ("firewall-is-as-laid-down", {}),
    ("firewall-limits-the-stack", {}),
    ("firewall-is-alone", {}),
]


@pytest.mark.parametrize(("name", "arguments"), NAMES)
def test_the_table_as_it_was_loaded_passes(recorded: Document, name: str, arguments: Any) -> None:
    assert judged(name, recorded, **arguments) == []


@pytest.mark.parametrize(("name", "arguments"), NAMES)
def test_a_ruleset_that_nobody_read_never_passes(name: str, arguments: Any) -> None:
    assert judged(name, None, **arguments) != []


@pytest.mark.parametrize(("name", "arguments"), NAMES[:-1])
def test_no_table_at_all_never_passes(name: str, arguments: Any) -> None:
    assert judged(name, {"nftables": []}, **arguments) != []


@pytest.mark.parametrize("hook", ["input", "forward"])
def test_a_policy_that_accepts_is_found(recorded: Document, hook: str) -> None:
    assert judged("firewall-denies", policy(recorded, hook), hook=hook) == [
        f"inet garrison {hook}: its policy is accept, not drop."
    ]


def test_a_rule_that_accepts_everything_is_found(recorded: Document) -> None:
    found = judged("firewall-denies", add(recorded, [{"accept": None}]), hook="input")
    assert found == ["inet garrison input: a rule accepts everything."]


HOLES = {
    "another port": [port(4444), {"accept": None}],
    "a port of another protocol": [port(8443, "udp"), {"accept": None}],
    "everybody from a network": [
        {
            "match": {
                "op": "==",
                "left": {"payload": {"protocol": "ip", "field": "saddr"}},
                "right": "192.0.2.1",
            }
        },
        {"accept": None},
    ],
    "ports from to": [
        {
            "match": {
                "op": "==",
                "left": {"payload": {"protocol": "tcp", "field": "dport"}},
                "right": {"range": [8088, 8090]},
            }
        },
        {"accept": None},
    ],
    "a jump elsewhere": [{"jump": {"target": "egress"}}],
}


@pytest.mark.parametrize("hole", HOLES)
def test_a_rule_that_lets_in_what_nobody_declares_is_found(recorded: Document, hole: str) -> None:
    (said,) = judged("firewall-accepts-what-is-declared", add(recorded, HOLES[hole]))
    assert said.startswith("inet garrison input: a rule lets in what nobody declares: ")


def test_a_declared_port_without_a_rule_is_found(recorded: Document) -> None:
    assert judged("firewall-accepts-what-is-declared", without(recorded, "51820")) == [
        "inet garrison input: no rule lets in udp 51820, which is declared."
    ]


def test_a_drop_before_ssh_is_found(recorded: Document) -> None:
    first = next(number for number, item in enumerate(recorded["nftables"]) if "rule" in item)
    spoiled = add(recorded, [INVALID, {"drop": None}], at=first)
    assert judged("firewall-lets-ssh-in-first", spoiled) == [
        "inet garrison input: tcp 22, SSH, isn't let in before the first drop."
    ]


def test_a_missing_rule_about_loopback_is_found(recorded: Document) -> None:
    rules = ["ip saddr 127.0.0.0/8 drop", "ip6 saddr ::1 drop"]
    found = judged("firewall-has", without(recorded, "127.0.0.0"), chain="input", rules=rules)
    assert found == ["inet garrison input: it has no rule ip saddr 127.0.0.0/8 drop."]


def test_drift_names_the_rule_that_is_too_many_and_the_one_that_is_missing(recorded: Document) -> None:
    spoiled = add(without(recorded, "51820"), [port(5353, "udp"), {"drop": None}], chain="forward")
    assert judged("firewall-is-as-laid-down", spoiled) == [
        "inet garrison forward: this rule isn't Garrison's: udp dport 5353 drop.",
        "inet garrison input: this rule is missing: udp dport 51820 accept comment allowed_listeners.",
    ]


def test_a_rule_that_is_there_once_too_often_is_drift(recorded: Document) -> None:
    assert judged("firewall-is-as-laid-down", add(recorded, [INVALID, {"drop": None}])) == [
        "inet garrison input: this rule isn't Garrison's: ct state invalid drop."
    ]


def test_an_order_that_was_changed_is_drift(recorded: Document) -> None:
    places = [number for number, item in enumerate(recorded["nftables"]) if "rule" in item]
    spoiled = copy.deepcopy(recorded)
    items = spoiled["nftables"]
    items[places[0]], items[places[1]] = items[places[1]], items[places[0]]
    assert judged("firewall-is-as-laid-down", spoiled) == [
        "inet garrison input: its policy, or the order of its rules, was changed."
    ]


def test_a_chain_of_nobody_and_one_that_is_gone_are_drift(recorded: Document) -> None:
    spoiled = json.loads(json.dumps(recorded).replace('"forward", "handle"', '"other", "handle"'))
    assert judged("firewall-is-as-laid-down", spoiled) == [
        "inet garrison forward: the chain is missing.",
        "inet garrison other: nobody laid down this chain.",
    ]


def test_a_stack_that_may_go_anywhere_is_found(recorded: Document) -> None:
    name = "firewall-limits-the-stack"
    assert judged(name, without(recorded, "icmpx")) == [
        "inet garrison egress: it doesn't end with a refusal."
    ]
    assert judged(name, without(recorded, "skuid")) == [
        "inet garrison output: it has no rule meta skuid 4000 jump egress."
    ]
    (found,) = find_functions()[name](seen(recorded, egress=None))
    assert "egress isn't set" in found.what


OTHERS = {
    "family": "ip",
    "table": "filter",
    "name": "FORWARD",
    "type": "filter",
    "hook": "forward",
    "prio": 0,
    "policy": "drop",
}
DOCKER = {
    "family": "ip",
    "table": "filter",
    "chain": "FORWARD",
    "expr": [{"jump": {"target": "DOCKER-USER"}}],
}


def test_another_tools_table_is_found_and_warned_of(recorded: Document) -> None:
    both = {"nftables": [*recorded["nftables"], {"chain": OTHERS}, {"rule": DOCKER}]}
    assert judged("firewall-is-alone", both) == [
        "ip filter: this table, of another tool, filters what comes in as well."
    ]
    tables, docker = firewall_warnings(host_facts(firewall=both))
    assert "(ip filter)" in tables
    assert "Docker" in docker
    assert firewall_warnings(host_facts(firewall=recorded)) == ()
    assert firewall_warnings(host_facts(firewall=None)) == ()


def test_a_unit_that_is_not_enabled_or_not_there_is_found() -> None:
    judge = find_functions()["firewall-starts-at-boot"]

    def said(**unit: str) -> list[str]:
        host = host_facts(units={SERVICE: unit} if unit else {})
        return [one.what for one in judge(SimpleNamespace(host=host))]

    assert said(load="loaded", enabled="enabled", active="active") == []
    assert said(load="loaded", enabled="disabled", active="active") == ["it is disabled and active."]
    assert said(load="not-found", enabled="", active="inactive") == ["it is not-found and inactive."]
    assert said() != []
