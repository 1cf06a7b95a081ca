"""Who is told what follows from the inventory: routes, receivers, and where their secrets are read from."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from garrison.catalog.catalog import Catalog
from garrison.catalog.loader import load_catalog
from garrison.catalog.receivers import SEVERITIES
from garrison.catalog.rules import AlertLabels
from garrison.render.alerting import TIMINGS, render_routing
from garrison.settings import HostSettings
from tests.unit.catalog.test_receivers import ALL, EMAIL, WEBHOOK


def routing(alerts: dict[str, Any] | None) -> dict[str, Any]:
    settings = HostSettings.from_data("host", {"server_names": ["lab.test"], "alerts": alerts})
    found: dict[str, Any] = yaml.safe_load(render_routing(settings))
    return found


def receivers(alerts: dict[str, Any] | None) -> dict[str, dict[str, Any]]:
    return {one.pop("name"): one for one in routing(alerts)["receivers"]}


def test_every_severity_that_a_rule_may_have_has_a_route_of_its_own() -> None:
    assert all(AlertLabels.model_validate({"severity": name}) for name in TIMINGS)
    route = routing(ALL)["route"]
    asked = [one["matchers"] for one in route["routes"]]
    assert asked == [[f'severity="{name}"'] for name in TIMINGS if name != route["receiver"]]
    assert set(TIMINGS) == {*SEVERITIES, "heartbeat"}


def test_what_has_no_severity_goes_the_way_of_what_wakes_somebody() -> None:
    assert routing(ALL)["route"]["receiver"] == "page"


def test_alerts_of_one_name_are_told_together() -> None:
    assert routing(None)["route"]["group_by"] == ["alertname"]


def test_without_a_receiver_there_are_routes_that_tell_nobody() -> None:
    assert receivers(None) == {"page": {}, "ticket": {}, "heartbeat": {}}


def test_a_receiver_is_told_what_it_takes() -> None:
    found = receivers({"webhook": WEBHOOK | {"severities": ["page"]}, "email": EMAIL})
    assert {name: sorted(one) for name, one in found.items()} == {
        "page": ["email_configs", "webhook_configs"],
        "ticket": ["email_configs"],
        "heartbeat": [],
    }


def test_an_end_is_told_too_and_of_the_sign_of_life_it_is_not() -> None:
    found = receivers(ALL)
    assert all(one["send_resolved"] for kind in found["page"].values() for one in kind)
    assert [one["send_resolved"] for one in found["heartbeat"]["webhook_configs"]] == [False]


def test_secrets_are_read_from_files_and_their_files_here_are_not_named() -> None:
    found = receivers(ALL)["page"]
    (webhook,), (email,) = found["webhook_configs"], found["email_configs"]
    assert webhook["http_config"] == {
        "follow_redirects": False,
        "authorization": {"credentials_file": "/run/secrets/alerts_webhook_secret"},
    }
    assert email["auth_password_file"] == "/run/secrets/alerts_email_secret"  # noqa: S105 - a path
    assert "token_file" not in str(found)


def seconds(text: str) -> int:
    return sum(int(number) * {"m": 60, "s": 1}[unit] for number, unit in re.findall(r"(\d+)([ms])", text))


def test_a_sign_of_life_comes_more_often_than_every_five_minutes() -> None:
    (route,) = [one for one in routing(ALL)["route"]["routes"] if one["receiver"] == "heartbeat"]
    every, again = (seconds(route[key]) for key in ("group_interval", "repeat_interval"))
    # What was sent a moment after a full minute isn't due a moment before the one that "again" ends with.
    assert (again // every + 1) * every <= 240
    assert again % every


@pytest.fixture(scope="module")
def watching(root: Path) -> Catalog:
    return load_catalog([root / "services"]).select(["core", "observability"])


@pytest.mark.parametrize("name", ["alertmanager", "prometheus"])
def test_prometheus_hands_alerts_to_the_one_that_tells(watching: Catalog, name: str) -> None:
    assert watching.notifier is not None
    assert watching.notifier.name == "alertmanager"
    assert "garrison-prometheus--alertmanager" in {network.name for network in watching.networks_of(name)}
