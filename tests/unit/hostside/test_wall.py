"""The rules that a wall's words become."""

import json
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

PROGRAM = Path(__file__).parents[3] / "garrison" / "hostside" / "wall"
TOLD = {"models.example.net": {"203.0.113.9": 3600, "203.0.113.8": 12}}


@pytest.fixture
def wall(tmp_path: Path) -> ModuleType:
    """The program, with three networks of Podman's."""
    loader = SourceFileLoader("wall", str(PROGRAM))
    spec = spec_from_loader(loader.name, loader)
    assert spec
    module = module_from_spec(spec)
    loader.exec_module(module)
    for number, name in enumerate(("garrison-api--store", "garrison-door--api", "shortcut")):
        subnets = [
            {"subnet": f"10.89.{number}.0/24", "gateway": f"10.89.{number}.1"},
            {"subnet": f"fd00:{number}::/64", "gateway": f"fd00:{number}::1"},
        ]
        (tmp_path / f"{name}.json").write_text(json.dumps({"name": name, "subnets": subnets}))
    module.__dict__["NETWORKS"] = tmp_path
    return module


def rules(wall: ModuleType, asked: str) -> list[str]:
    return [line.strip() for line in wall.rules(asked, TOLD).splitlines()]


def test_what_is_not_asked_for_is_refused(wall: ModuleType) -> None:
    assert rules(wall, "none")[2:-2] == [
        "type filter hook output priority filter; policy drop;",
        'oifname "lo" accept',
        "ct state established,related accept",
        "reject with icmpx admin-prohibited",
    ]


def test_a_need_is_its_networks_subnet_and_ports(wall: ModuleType) -> None:
    assert "ip daddr 10.89.0.0/24 tcp dport { 80, 443 } accept" in rules(
        wall, "garrison-api--store=tcp/443,80"
    )


def test_names_are_asked_of_the_networks_that_are_named_and_of_no_other(wall: ModuleType) -> None:
    said = rules(wall, "garrison-api--store=tcp/80 garrison-door--api")
    assert "ip daddr { 10.89.0.1, 10.89.1.1 } meta l4proto { tcp, udp } th dport 53 accept" in said
    assert not any("10.89.1.0/24" in line or "10.89.2" in line for line in said)


def test_no_rule_is_for_ipv6(wall: ModuleType) -> None:
    assert "ip6" not in wall.rules("garrison-api--store=tcp/80 203.0.113.0/28=udp/53", TOLD)


def test_a_name_is_a_set_whose_addresses_are_forgotten(wall: ModuleType) -> None:
    said = wall.rules("garrison-api--store models.example.net=tcp/443", TOLD)
    assert "elements = { 203.0.113.8 timeout 12s, 203.0.113.9 timeout 3600s }" in said
    assert "ip daddr @to1 tcp dport { 443 } accept" in said


def test_a_name_that_nobody_knows_lets_nothing_through(wall: ModuleType) -> None:
    said = wall.rules("other.example.net=tcp/443", TOLD)
    assert "elements" not in said


def test_a_name_may_begin_with_a_digit_and_an_address_is_no_name(wall: ModuleType) -> None:
    said = wall.rules("3cx.example.net=tcp/443 203.0.113.7=tcp/25 203.0.113.0/28=tcp/26", TOLD)
    assert 'comment "3cx.example.net"' in said
    for place in ("203.0.113.7 tcp dport { 25 }", "203.0.113.0/28 tcp dport { 26 }"):
        assert f"ip daddr {place} accept" in said


def test_a_network_that_is_not_there_is_no_wall(wall: ModuleType) -> None:
    with pytest.raises(LookupError, match="garrison-gone--store"):
        wall.rules("garrison-gone--store=tcp/80", TOLD)
