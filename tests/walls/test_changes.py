"""What changes under a running stack, and what other people have on the host, opens nothing."""

import json
import threading

import pytest

from tests.walls.catalog import PORT
from tests.walls.site import Site

NET = "garrison-wall-reader--wall-store"
FOREIGN = """\
table inet elsewhere {
  chain input { type filter hook input priority -5; policy accept; tcp dport 9999 drop; }
}
"""
# Asks by name without end and says how often it got through and how often not.
LOAD = f"""\
import socket, time
good = bad = 0
end = time.monotonic() + 20
while time.monotonic() < end:
    try:
        with socket.create_connection(("{{address}}", {PORT}), 1):
            good += 1
    except OSError:
        bad += 1
    time.sleep(0.02)
print(good, bad)
"""


def address_of(site: Site, service: str) -> str:
    said = json.loads(site.machine.podman("inspect", f"garrison-{service}"))
    return str(said[0]["NetworkSettings"]["Networks"][NET]["IPAddress"])


@pytest.mark.usefixtures("mended")
def test_a_container_with_a_new_address_during_load_is_reached_there_and_by_nobody_else(site: Site) -> None:
    before = address_of(site, "wall-store")
    after = before.rpartition(".")[0] + ".77"
    heard: list[str] = []
    program = LOAD.replace("{address}", after)
    pid = site.pid("wall-reader")
    line = f"nsenter --net=/proc/{pid}/ns/net python3 -I -c '{program.replace(chr(39), chr(34))}'"
    load = threading.Thread(target=lambda: heard.append(site.machine.sh(line)))
    load.start()
    site.machine.podman("network", "disconnect", NET, "garrison-wall-store")
    site.machine.podman(
        "network", "connect", "--ip", after, "--alias", "wall-store", NET, "garrison-wall-store"
    )
    load.join()
    good, _ = (int(word) for word in heard[0].split())
    assert address_of(site, "wall-store") == after
    assert good > 0
    assert site.findings() == []


@pytest.mark.usefixtures("mended")
def test_the_hosts_other_addresses_are_tried_and_reached_by_nobody(site: Site) -> None:
    name = site.machine.sh(
        "ip -json -4 route show default | python3 -c 'import json,sys; print(json.load(sys.stdin)[0][\"dev\"])'"
    )
    added = ["10.123.45.6/32", "fd00:123::6/128"]
    try:
        for address in added:
            site.machine.sh(f"ip address add {address} dev {name}")
        assert site.findings() == []
        assert site.pairs
        tried = {one.address for one in site.pairs.connections if one.kind == "host"}
        assert {"10.123.45.6", "fd00:123::6", site.machine.address, "169.254.1.2"} <= tried
    finally:
        for address in added:
            site.machine.sh(f"ip address del {address} dev {name}")


@pytest.mark.usefixtures("mended")
def test_a_host_without_ipv6_is_as_closed(site: Site) -> None:
    switch = "/proc/sys/net/ipv6/conf/all/disable_ipv6"
    before = site.machine.sh(f"cat {switch}")
    try:
        site.machine.sh(f"echo 1 > {switch}")
        assert site.findings() == []
    finally:
        site.machine.sh(f"echo {before} > {switch}")


@pytest.mark.usefixtures("mended")
def test_another_tools_table_stays_and_is_told(site: Site) -> None:
    site.machine.sh("nft -f -", stdin=FOREIGN)
    try:
        site.machine.sh("nft delete table inet garrison")
        run = site.prepare()
        assert run.code == 0, run.said
        assert "inet elsewhere" in run.said
        tables = site.machine.sh("nft list tables")
        assert "table inet elsewhere" in tables
        assert "table inet garrison" in tables
        assert "tcp dport 9999 drop" in site.machine.sh("nft list table inet elsewhere")
    finally:
        site.machine.sh("nft delete table inet elsewhere")


@pytest.mark.usefixtures("mended")
def test_there_is_nothing_left_to_do(site: Site) -> None:
    assert site.start() == 0
