"""Certificates of an ACME server: issued through the door or by the DNS, renewed by the host, and every way to fail."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.certs.conftest import LIB, Served
from tests.certs.pebble import BLIND, DIRECTORY, Pebble

HOOK = """#!/bin/sh
# For tests: tells pebble's own DNS server, which has no RFC 2136.
set -eu
value=${3:-}
case "$1" in
    add) curl -sf -d "{\\"host\\": \\"$2.\\", \\"value\\": \\"$value\\"}" http://%s/set-txt ;;
    remove) curl -sf -d "{\\"host\\": \\"$2.\\"}" http://%s/clear-txt ;;
esac
"""


@pytest.fixture(scope="module")
def issued(served: Served, acme: Pebble) -> Iterator[Pebble]:
    """A deploy that had the server issue, http-01 through the door; the server goes on running."""
    with acme.running():
        run = served.deploy(**served.by_acme(acme))
        assert run.code == 0, run.said
        yield acme
    run = served.deploy()
    assert run.code == 0, run.said


def test_both_kinds_are_issued_and_served(served: Served, issued: Pebble) -> None:
    found = served.status()
    assert found["source"] == f"acme {issued.directory}"
    assert {kind: one["served"] for kind, one in found["certificates"].items()} == {
        "ecdsa": True,
        "rsa": True,
    }
    assert all("Pebble Intermediate" in one["issuer"] for one in found["certificates"].values())


def test_a_second_deploy_changes_nothing(served: Served, issued: Pebble) -> None:
    run = served.deploy("--json", **served.by_acme(issued))
    assert run.hosts[0]["changes"] == 0, run.said


def test_renewals_under_load_fail_no_request(served: Served, issued: Pebble) -> None:
    with served.load(issued.root) as load:
        for _ in range(3):
            load.wait_for(50)
            assert served.renew() == ""
        load.wait_for(50)
    assert load.counts.failures == []
    assert len(load.seen) == 8


@pytest.mark.usefixtures("issued")
def test_keys_are_roots_alone(served: Served) -> None:
    assert served.machine.sh("stat -c '%a %U' /var/lib/garrison/tls/account.key") == "600 root"
    assert served.machine.sh("ls -A /srv/garrison/tls/challenges") == ""


@pytest.mark.usefixtures("issued")
def test_the_door_answers_no_other_path_in_the_clear(served: Served) -> None:
    name = served.machine.data["server_names"][0]
    for path in ("x/../../live/rsa.key", "..%2flive%2frsa.key", "%2e%2e/live/rsa.key", "nothing", ""):
        url = f"http://127.0.0.1:8088/.well-known/acme-challenge/{path}"
        said = served.machine.sh(
            f"curl -s --path-as-is -H 'Host: {name}:8088' -o /dev/null -w '%{{http_code}}' {url}"
        )
        assert said in ("301", "404", "400")


def unchanged(served: Served, before: dict[str, Any], said: str, *words: str) -> None:
    """The renewal said so, the door serves what it did, and whoever looks is told."""
    found = served.status()
    assert all(word in said for word in words), said
    assert "Traceback" not in said
    assert (found["certificates"], found["unfinished"]) == (before["certificates"], False)
    assert (found["last_run"]["good"], found["last_run"]["fault"]) == (False, said)


def test_a_server_that_refuses_the_names(served: Served, issued: Pebble) -> None:
    before = served.status()
    issued.lead(BLIND)
    try:
        unchanged(served, before, served.renew(), "doesn't believe that the names are this host's")
    finally:
        issued.lead(served.machine.address)
    assert served.machine.sh("ls -A /srv/garrison/tls/challenges") == ""
    assert served.renew() == ""


@contextmanager
def cut_off(served: Served, pebble: Pebble, verdict: str) -> Iterator[None]:
    """What the host sends to the server comes to this. Its address is the controller's too, which goes on as before."""
    chain = "add chain inet cut out { type filter hook output priority 0; }"
    rule = f"add rule inet cut out ip daddr {pebble.address} tcp dport {DIRECTORY} {verdict}"
    served.machine.sh(f"nft 'add table inet cut; {chain}; {rule}'")
    try:
        yield
    finally:
        served.machine.sh("nft delete table inet cut")


def test_a_server_that_is_down(served: Served, issued: Pebble) -> None:
    before = served.status()
    with cut_off(served, issued, "reject with tcp reset"):
        unchanged(served, before, served.renew(), "can't be reached")
    assert served.renew() == ""


def test_a_server_that_does_not_answer(served: Served, issued: Pebble) -> None:
    """Packets to it vanish, as behind a firewall: slow and silent at once."""
    before = served.status()
    with cut_off(served, issued, "drop"):
        unchanged(served, before, served.renew(), issued.directory, "The timer tries again.")
    assert served.renew() == ""


@pytest.mark.parametrize("seconds", [1, 2, 4, 6])
@pytest.mark.usefixtures("issued")
def test_a_renewal_that_is_killed_is_healed_by_the_next(served: Served, issued: Pebble, seconds: int) -> None:
    with served.load(issued.root) as load:
        served.machine.sh(f"{LIB}/tls-renew --now & sleep {seconds}; pkill -9 '^tls-'; true")
        load.wait_for(20)
        assert served.renew() == ""
        load.wait_for(20)
    assert load.counts.failures == []
    assert served.status()["unfinished"] is False
    assert served.machine.sh("ls -A /srv/garrison/tls/challenges") == ""


def test_the_dns_can_vouch_too(served: Served, issued: Pebble) -> None:
    dns = f"{issued.address}:8055"
    served.machine.write("/usr/local/sbin/acme-hook", HOOK % (dns, dns), "0755")
    before = served.status()["certificates"]
    issued.lead(BLIND)
    try:
        acme = {"challenge": "dns-01", "hook": "/usr/local/sbin/acme-hook"}
        run = served.deploy(**served.by_acme(issued, **acme))
        assert run.code == 0, run.said
        assert served.renew() == ""
    finally:
        issued.lead(served.machine.address)
    assert served.status()["certificates"] != before


@pytest.mark.usefixtures("issued")
def test_a_hook_that_others_may_change_is_not_run(served: Served) -> None:
    served.machine.sh("chmod 0777 /usr/local/sbin/acme-hook")
    unchanged(served, served.status(), served.renew(), "is not root's alone to change")
    served.machine.sh("chmod 0755 /usr/local/sbin/acme-hook")
