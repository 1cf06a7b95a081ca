"""Which networks a lab gets."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import pytest

from garrison.lab import subnets
from garrison.problem import ProblemError

LAB_ID = "0000000a"
WISH = IPv4Network("10.99.10.0/24")


def test_a_lab_gets_the_subnet_its_id_points_at() -> None:
    assert subnets.choose_subnet(LAB_ID, []) == WISH


@pytest.mark.parametrize("taken", ["10.99.10.0/24", "10.99.10.77/32", "10.99.10.0/23"])
def test_a_subnet_somebody_uses_a_part_of_is_passed_over(taken: str) -> None:
    assert not subnets.choose_subnet(LAB_ID, [IPv4Network(taken)]).overlaps(IPv4Network(taken))


def test_the_search_begins_again_at_the_start_of_the_pool() -> None:
    assert subnets.choose_subnet("000000ff", [IPv4Network("10.99.255.0/24")]) == IPv4Network("10.99.0.0/24")


def test_a_default_route_takes_nothing() -> None:
    assert subnets.choose_subnet(LAB_ID, [IPv4Network("0.0.0.0/0")]) == WISH


def test_a_pool_that_is_used_up_is_a_problem() -> None:
    with pytest.raises(ProblemError, match=r"no /24 left"):
        subnets.choose_subnet(LAB_ID, [IPv4Network("10.0.0.0/8")])


def test_the_ipv6_prefix_is_unique_local_and_the_labs_own() -> None:
    prefix = subnets.derive_prefix6(LAB_ID)
    assert prefix.prefixlen == 64
    assert prefix.subnet_of(IPv6Network("fd00::/8"))
    assert prefix != subnets.derive_prefix6("0000000b")


def test_hosts_are_counted_from_ten_and_the_outer_machine_is_one() -> None:
    prefix = IPv6Network("fd00:1:2:3::/64")
    assert subnets.gateway4(WISH) == IPv4Address("10.99.10.1")
    assert subnets.host4(WISH, 2) == IPv4Address("10.99.10.12")
    assert subnets.gateway6(prefix) == IPv6Address("fd00:1:2:3::1")
    assert subnets.host6(prefix, 0) == IPv6Address("fd00:1:2:3::a")
