"""Whether the way out of IPv6 is one that a router advertised."""

import pytest

from garrison.snapshot.parts.routes import advertised_route

ADVERTISED = "default via fe80::1 dev eth0 proto ra metric 1024 expires 1790sec pref medium\n"
OWN = "default via fd00::1 dev ra metric 1024 pref medium\n"


@pytest.mark.parametrize(("text", "told"), [(OWN + ADVERTISED, True), (OWN, False), ("", False)])
def test_an_advertised_route_is_told_from_one_of_the_hosts_own(text: str, told: bool) -> None:
    assert advertised_route(text) is told
