"""A host with the fixture catalog's stack on it, of which controls are judged."""

import json
from pathlib import Path

import pytest

from garrison.catalog.images import plan_images
from garrison.catalog.loader import load_catalog
from garrison.controls.conditions import Code
from garrison.controls.load import load_controls
from garrison.plan.wanted import Wanted
from garrison.render.release import render_release
from garrison.settings import HostSettings
from garrison.snapshot.model import Snapshot
from garrison.tls.places import METRICS_FILE, RENEWAL_TIMER
from tests.unit.evidence.conftest import Host, want
from tests.unit.evidence.synthetic import host_document, metrics_text

DOOR_USER = 101
HARDENED = Path(__file__).parents[2] / "fixtures" / "snapshots" / "hardened.json"


def wanted_alerts() -> dict[str, list[str]]:
    """The alerts that L08 asks for, by the kind of fault that they tell of."""
    (condition,) = load_controls().by_id["L08"].holds
    assert isinstance(condition, Code)
    alerts: dict[str, list[str]] = condition.arguments["alerts"]
    return alerts


def observed(wanted: Wanted) -> Host:
    """A host whose Prometheus has more alerts loaded than the few of the fixture catalog: those that L08 asks for."""
    host = Host(wanted)
    for name in (name for names in wanted_alerts().values() for name in names):
        host.measured["rules"][f"others/faults/{name}"] = {"health": "ok", "error": "", "queries": ["up"]}
    return host


@pytest.fixture(scope="session")
def wanted(stack: Path, fixtures: Path, settings: HostSettings) -> Wanted:
    """With somebody who collects metrics, somebody who takes spans, and somebody who shows both."""
    others = (fixtures / "catalogs" / name for name in ("watched", "traced", "shown"))
    catalog = load_catalog([stack, *others])
    images = plan_images(catalog, settings, services=stack, lock={})
    return want(catalog, settings, render_release(catalog, settings, images), stack)


@pytest.fixture
def bare(wanted: Wanted) -> Snapshot:
    """What was recorded, without facts of the host itself."""
    return Snapshot.parse(host_document(wanted))


@pytest.fixture
def host(wanted: Wanted) -> Host:
    return observed(wanted)


@pytest.fixture
def deployed(wanted: Wanted) -> Host:
    """The fixture catalog's stack on a host that was hardened."""
    host, hardened = observed(wanted), json.loads(HARDENED.read_text(encoding="utf-8"))
    host.snapshot |= {"account": hardened["account"], "host": hardened["host"]}
    timer = {"load": "loaded", "enabled": "enabled", "active": "active"}
    host.snapshot["host"]["units"][RENEWAL_TIMER] = timer
    host.snapshot["host"]["texts"][METRICS_FILE] = metrics_text(host.snapshot["certificates"]["chains"])
    owner = host.snapshot["account"]["subuid"][0] + DOOR_USER - 1
    key = {"mode": 0o400, "uid": owner, "gid": owner}
    host.snapshot["trees"]["/srv/garrison/tls"] = {f"0/{kind}.key": dict(key) for kind in ("ecdsa", "rsa")}
    host.snapshot["current"] = {"link": f"releases/{wanted.release.digest}"}
    for record in host.snapshot["containers"]:
        record["Process"]["programs"] = ["postgres"]
    return host
