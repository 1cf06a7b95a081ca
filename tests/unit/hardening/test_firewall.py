"""The table lets in what is declared and SSH before anything is dropped; the one in force is compared rule by rule."""

import copy
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from garrison.controls.code import find_functions
from garrison.hardening.firewall import FILE, SERVICE, UNIT, firewall_files, firewall_warnings
from garrison.hardening.nft import Chain, plain, read_document, read_text
from garrison.hardening.ruleset import render_ruleset
from garrison.settings import HostSettings
from tests.unit.controls.facts import host_facts

EGRESS = {
    "to": [
        {"net": "203.0.113.0/24", "tcp": [443, 80]},
        {"net": "2001:db8::/32"},
        {"net": "198.51.100.7", "tcp": [5432], "udp": [123]},
    ],
    "dns": ["192.0.2.53", "2001:db8::53"],
}
EVERYTHING: dict[str, Any] = {"allowed_listeners": ("tcp/9100", "udp/51820"), "egress": EGRESS}
Document = dict[str, Any]


def seen(document: Document | None, port: str = "22", **settings: Any) -> Any:
    """What judges see of a host with that ruleset; the door has the project's ports."""
    host = host_facts(sshd={"port": [port]}, firewall=document)
    door = SimpleNamespace(http=8088, https=8443)
    wanted = SimpleNamespace(
        settings=HostSettings(server_names=("host.example",), **(EVERYTHING | settings)),
        catalog=SimpleNamespace(door=SimpleNamespace(door=door)),
    )
    return SimpleNamespace(host=host, snapshot=SimpleNamespace(host=host, listeners=()), wanted=wanted)


def ruleset(port: str = "22", **settings: Any) -> str:
    found = seen(None, port, **settings)
    return render_ruleset(found.snapshot, found.wanted)


@pytest.fixture
def recorded(fixtures: Path) -> Document:
    """What nft said after it had loaded everything that can be in the table."""
    document: Document = json.loads((fixtures / "firewall" / "everything.json").read_text())
    return document


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


def add(document: Document, rule: list[Any], chain: str = "input", at: int = -1) -> Document:
    changed = copy.deepcopy(document)
    item = {"rule": {"family": "inet", "table": "garrison", "chain": chain, "expr": rule}}
    changed["nftables"].insert(len(changed["nftables"]) if at < 0 else at, item)
    return changed


def port(number: int, protocol: str = "tcp") -> dict[str, Any]:
    left = {"payload": {"protocol": protocol, "field": "dport"}}
    return {"match": {"op": "==", "left": left, "right": number}}


INVALID = {"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": "invalid"}}


def policy(document: Document, hook: str) -> Document:
    changed = copy.deepcopy(document)
    for item in changed["nftables"]:
        if item.get("chain", {}).get("hook") == hook:
            item["chain"]["policy"] = "accept"
    return changed


def without(document: Document, word: str) -> Document:
    kept = [item for item in document["nftables"] if word not in json.dumps(item.get("rule", ""))]
    return {"nftables": kept}


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


def judged(name: str, document: Document | None, **arguments: Any) -> list[str]:
    return [f"{one.where}: {one.what}" for one in find_functions()[name](seen(document), **arguments)]


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


def test_the_files_are_for_root_and_the_unit_begins_before_the_network() -> None:
    files = firewall_files(ruleset())
    assert {path: oct(file.mode) for path, file in files.items()} == {FILE: "0o600", UNIT: "0o644"}
    assert "Before=network-pre.target" in files[UNIT].text
    assert f"ConditionPathExists={FILE}" in files[UNIT].text
