"""Certificates change under load and nobody notices; what goes wrong on the way leaves the door as it was."""

import signal
import time

import pytest

from tests.certs.conftest import LIB, Served

RENEWALS = 5


def renew(served: Served) -> None:
    """By the command that people have: from the controller, with the fleet's CA."""
    run = served.cert("renew")
    assert run.code == 0, run.said


def test_renewals_under_load_fail_no_request(served: Served) -> None:
    with served.load() as load:
        load.wait_for(50)
        for _ in range(RENEWALS):
            renew(served)
            load.wait_for(50)
    assert load.counts.failures == []
    assert len(load.seen) >= 2 * (RENEWALS + 1)
    assert served.deploy("--json").hosts[0]["changes"] == 0


def test_old_keys_are_gone_after_a_renewal(served: Served) -> None:
    renew(served)
    assert served.machine.sh("ls -d /srv/garrison/tls/????????????????").count("/") == 4
    assert served.machine.sh("find /var/lib/garrison/tls -name '*.key' ! -name account.key") == ""


def test_a_door_that_refuses_the_new_ones_keeps_the_old(served: Served) -> None:
    """nginx can't read a key that isn't its own: as with every fault of a new certificate, it goes on with the old."""
    before = served.status()["certificates"]
    served.machine.sh(
        "cp /etc/subuid /etc/subuid.kept; sed -i 's/^garrison:[0-9]*/garrison:999999/' /etc/subuid"
    )
    try:
        with served.load() as load:
            run = served.cert("renew")
            load.wait_for(20)
    finally:
        served.machine.sh("mv /etc/subuid.kept /etc/subuid")
    assert (run.code, "The earlier one is served again." in run.err) == (1, True), run.said
    assert served.status()["certificates"] == before
    assert load.counts.failures == []
    assert served.status()["unfinished"] is False


@pytest.mark.parametrize("seconds", [0.05, 0.2, 0.5, 1.0, 1.5, 2.0])
def test_a_renewal_that_is_killed_is_healed_by_the_next_deploy(served: Served, seconds: float) -> None:
    """The host's part is killed after some time, wherever it is then; the door serves all the while."""
    stopgap = f"{LIB}/tls-stopgap & sleep {seconds}; pkill -9 '^tls-'; true"
    with served.load() as load:
        served.machine.sh(stopgap)
        load.wait_for(20)
        run = served.deploy()
        load.wait_for(20)
    assert run.code == 0, run.said
    assert load.counts.failures == []
    found = served.status()
    assert (found["source"], found["unfinished"]) == ("fleet", False)
    assert all(one["served"] for one in found["certificates"].values())


def test_a_command_that_is_killed_is_healed_by_the_next(served: Served) -> None:
    with served.load() as load, served.certing("renew") as process:
        time.sleep(4)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)
        renew(served)
        load.wait_for(20)
    assert load.counts.failures == []
    assert served.status()["unfinished"] is False


def test_show_says_until_when_and_that_it_is_served(served: Served) -> None:
    said = served.cert("show").out
    assert "from fleet, ends " in said
    assert "NOT SERVED" not in said


def test_the_timer_waits_and_the_metric_is_there_for_everybody(served: Served) -> None:
    assert served.machine.sh("systemctl is-active garrison-renewal.timer") == "active"
    served.machine.sh("systemctl start garrison-renewal.service")
    file = "/var/lib/garrison/metrics/tls.prom"
    assert served.machine.sh(f"stat -c %a:%U {file}") == "644:root"
    text = served.machine.sh(f"cat {file}")
    assert text.count("garrison_tls_certificate_served{") == 2
    assert "garrison_tls_renewal_last_run_failed 0" in text
