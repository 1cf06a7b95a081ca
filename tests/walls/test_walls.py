"""Who reaches whom on a live host, and that each wall holds where the other has fallen."""

import pytest

from garrison.evidence.pairs import find_pairs
from tests.walls.catalog import HIDDEN, OPEN, PORT, SERVICES, SHUT
from tests.walls.outside import Outside
from tests.walls.site import Site

CONTROL = {("tcp", OPEN): 1, ("tcp", SHUT): 1}  # the host itself tries both


def reached(site: Site, source: str, to: str) -> set[tuple[str, int]]:
    pairs, _ = site.look()
    return {
        ("link" if one.address.startswith("fe80:") else "net", one.port)
        for one in pairs.connections
        if (one.source, one.to) == (f"garrison-{source}", f"garrison-{to}") and one.has_arrived
    }


def test_everything_is_as_declared_and_only_that_arrives_outside(site: Site, outside: Outside) -> None:
    assert site.findings() == []
    assert dict(outside.arrived) == CONTROL | {("tcp", OPEN): 2, ("udp", OPEN): 1}


def test_a_consumer_reaches_its_provider_at_the_declared_port_and_by_ipv4_alone(site: Site) -> None:
    assert reached(site, "wall-reader", "wall-store") == {("net", PORT)}


@pytest.mark.parametrize("source", ["wall-store", "wall-caller", "wall-stranger"])
def test_nobody_reaches_the_reader(site: Site, source: str) -> None:
    assert reached(site, source, "wall-reader") == set()


def test_every_address_of_every_peer_is_tried(site: Site) -> None:
    pairs, _ = site.look()
    by_name = {one.name: one for one in pairs.containers}
    assert set(by_name) == {f"garrison-{name}" for name in SERVICES}
    tried = {(one.source, one.to, one.address.partition("%")[0], one.port) for one in pairs.connections}
    for source in by_name:
        for to in set(by_name) - {source}:
            plain = {each for found in by_name[to].addresses.values() for each in found if ":" not in each}
            assert plain
            assert {(source, to, each, port) for each in plain for port in (PORT, HIDDEN)} <= tried
            assert any(to == one[1] and one[0] == source and one[2].startswith("fe80:") for one in tried)


@pytest.mark.usefixtures("mended")
def test_without_its_wall_a_caller_gets_everywhere_and_the_check_says_so(
    site: Site, outside: Outside
) -> None:
    site.drop_walls("wall-caller")
    found = site.findings()
    assert "walls-are-up.down container garrison-wall-caller" in found
    assert f"pairs-are-the-declared-ones.canary garrison-wall-caller → {outside.address}:{SHUT}" in found
    assert outside.arrived["tcp", SHUT] == 2
    assert outside.arrived["udp", SHUT] == 1
    assert outside.arrived["icmp", 0] > 0
    site.refresh()
    outside.forget()
    assert site.findings() == []
    assert dict(outside.arrived) == CONTROL | {("tcp", OPEN): 2, ("udp", OPEN): 1}


@pytest.mark.usefixtures("mended")
def test_networks_hold_alone(site: Site, outside: Outside) -> None:
    """Without any wall the ends of a network still reach each other, the wrong way round too, and nobody else."""
    site.drop_walls(*SERVICES)
    pairs, wanted = site.look()
    found = {one.where for one in find_pairs(pairs, wanted) if one.id.endswith(".open")}
    ends = ("garrison-wall-store", {"garrison-wall-reader", "garrison-wall-caller"})
    assert found == {f"{ends[0]} → {one}" for one in ends[1]} | {f"{one} → {ends[0]}" for one in ends[1]}
    escapes = {one.where.partition(" ")[0] for one in find_pairs(pairs, wanted) if one.id.endswith(".canary")}
    assert escapes == {"garrison-wall-caller"}
    assert outside.arrived["tcp", SHUT] == 2
    site.refresh()


@pytest.mark.usefixtures("mended")
def test_walls_hold_alone(site: Site, outside: Outside) -> None:
    """A network with a way out that joins strangers is found, and no connection passes through it.

    Name servers answer for it, through the networks that walls let ask: that is found too.
    """
    everybody = [f"garrison-{name}" for name in SERVICES]
    site.machine.podman("network", "create", "shortcut")
    try:
        for name in everybody:
            site.machine.podman("network", "connect", "shortcut", name)
        found = site.findings()
        passing = ("open", "canary", "host", "gateway", "down", "changed")
        assert [one for one in found if one.split()[0].rpartition(".")[2] in passing] == []
        assert "networks-are-one-for-each-need.undeclared network shortcut" in found
        assert dict(outside.arrived) == CONTROL | {("tcp", OPEN): 2, ("udp", OPEN): 1}
    finally:
        for name in everybody:
            site.machine.podman("network", "disconnect", "shortcut", name)
        site.machine.podman("network", "rm", "shortcut")


@pytest.mark.usefixtures("mended")
def test_two_strangers_on_a_network_without_walls_are_found(site: Site) -> None:
    net = "garrison-wall-reader--wall-store"
    site.machine.podman("network", "connect", net, "garrison-wall-stranger")
    try:
        site.drop_walls("wall-stranger")
        found = site.findings()
        assert "pairs-are-the-declared-ones.open garrison-wall-stranger → garrison-wall-store" in found
        assert f"networks-are-one-for-each-need.member network {net}" in found
        site.refresh()
    finally:
        site.machine.podman("network", "disconnect", net, "garrison-wall-stranger")


@pytest.mark.usefixtures("mended")
def test_a_changed_rule_is_found_and_put_right(site: Site) -> None:
    site.machine.sh("systemctl stop garrison-walls.timer")
    site.inside("wall-store", "nft insert rule inet garrison output accept")
    assert site.findings()[-1] == "walls-are-up.changed container garrison-wall-store"
    site.refresh()
    assert site.findings() == []


def test_a_container_whose_wall_cannot_be_put_up_does_not_start(site: Site) -> None:
    image = site.machine.podman("inspect", "garrison-wall-store", "--format", "{{.Image}}")
    line = (
        f"/usr/local/lib/garrison/as-stack podman run --rm --annotation garrison.wall=nowhere=tcp/1 {image}"
    )
    assert "error executing hook" in site.machine.sh(f"{line} 2>&1 || true")
