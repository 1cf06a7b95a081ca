"""An alert of a live host reaches real receivers: together with its like, with its runbook, and so does its end."""

from collections.abc import Iterator
from email import message_from_string
from pathlib import Path

import pytest

from garrison.plan.step import LIB
from tests.compliance.receivers import Posted
from tests.compliance.told import RUNBOOKS, TOKEN, Told

pytestmark = pytest.mark.full  # an alert waits for minutes, and two deploys go with it

PAGE = "docs/runbooks/TargetDown.md"
AWAY = ("node-exporter", "redis-exporter")  # nobody else notices
FIRES = 180 + 2 * 15 + 15 + 60  # TargetDown's own time, two scrapes, the gathering, and news a minute later
ENDS = 4 * 15 + 60


@pytest.fixture(scope="module")
def away(told: Told) -> Iterator[None]:
    """Two services at once, long enough that each is an alert."""
    for service in AWAY:
        told.live.podman("stop", f"garrison-{service}")
    try:
        yield
    finally:
        for service in AWAY:
            told.live.podman("start", f"garrison-{service}")
            told.live.sh(f"{LIB}/gate {service} --deadline 120")


def test_a_second_deploy_with_the_same_secret_changes_nothing(told: Told) -> None:
    assert told.deploy() == []


def test_another_secret_is_given_and_its_reader_made_anew(told: Told) -> None:
    told.token.write_text("another-token-of-the-webhook\n")
    try:
        planned = told.deploy("--dry")
    finally:
        told.token.write_text(f"{TOKEN}\n")
    given, started = (one for one in planned if "alerts_webhook_secret" in one)
    assert given == "2.1 | give the host the secret alerts_webhook_secret (its file has changed)"
    assert started.startswith("2.1 | start alertmanager ")


def test_the_secret_is_in_a_file_that_only_alertmanager_reads(told: Told) -> None:
    inside = told.live.podman(
        "exec", "garrison-alertmanager", "stat", "-c", "%a %u", "/run/secrets/alerts_webhook_secret"
    )
    assert inside == "400 10022"
    assert TOKEN not in told.live.podman("inspect", "garrison-alertmanager")
    home = told.live.settings.stack_home
    laid = told.live.pipe(f"grep -rlF {TOKEN} {home}/releases {home}/config; echo end", "sh -s")
    assert laid.strip() == "end"


def test_a_sign_of_life_comes(told: Told) -> None:
    alive = told.receivers.post(lambda one: one.path == "/alive", 120)
    assert alive.authorization is None
    assert alive.body["groupLabels"] == {"alertname": "Watchdog"}


def test_alerts_of_one_name_come_together_with_their_runbook_and_so_does_their_end(
    told: Told, root: Path, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("away")
    fired = told.receivers.post(lambda one: one.jobs("TargetDown", "firing") >= set(AWAY), FIRES)
    assert (fired.path, fired.authorization) == ("/alerts", f"Bearer {TOKEN}")
    assert fired.body["commonLabels"]["severity"] == "page"
    assert fired.body["commonLabels"]["host"] == told.live.settings.server_names[0]
    assert {one["annotations"]["runbook"] for one in fired.body["alerts"]} == {f"{RUNBOOKS}{PAGE}"}
    assert (root / PAGE).is_file()
    mail = told.receivers.mail("TargetDown", 90)
    assert message_from_string(mail)["To"] == "ops@example.net, night@example.net"
    assert f"{told.live.settings.server_names[0]}: TargetDown" in message_from_string(mail)["Subject"]
    assert f"{RUNBOOKS}{PAGE}" in mail
    for service in AWAY:
        told.live.podman("start", f"garrison-{service}")
    told.receivers.wait_for(lambda: told.ended("TargetDown") >= set(AWAY) or None, ENDS)


def test_a_sign_of_life_goes_to_its_own_place_alone(told: Told) -> None:
    def is_watchdog(one: Posted) -> bool:
        return one.body["groupLabels"] == {"alertname": "Watchdog"}

    assert {one.path for one in told.receivers.posted if is_watchdog(one)} == {"/alive"}
    assert not any("Watchdog" in mail for mail in told.receivers.mails)
