"""Controls and deviations that tests make up, and the verdicts on them."""

import datetime
from pathlib import Path
from typing import Any

from garrison.catalog.source import Source
from garrison.controls.deviations import Deviation, PlacedDeviation
from garrison.controls.load import Controls
from garrison.controls.model import Control, Level
from garrison.controls.result import ControlVerdict
from garrison.controls.verdict import judge_controls
from garrison.evidence.checks import Evidence
from garrison.evidence.waivers import PlacedWaiver, Waiver
from garrison.plan.wanted import Wanted
from garrison.snapshot.model import Snapshot
from tests.unit.controls.facts import host_facts

TODAY = datetime.date(2026, 11, 25)
NO_ROOT = {"kind": "sshd", "option": "PermitRootLogin", "value": "no"}
NO_PASSWORD = {"kind": "sshd", "option": "PasswordAuthentication", "value": "no"}
GOOD = {"sshd": {"permitrootlogin": ["no"], "passwordauthentication": ["no"]}}


def control(name: str = "S06", **said: Any) -> Control:
    fields: dict[str, Any] = {
        "id": name,
        "title": "Root does not log in over SSH",
        "level": "baseline",
        "severity": "high",
        "why": "Who logs in by name can be told from others.",
        "standards": {"CIS Debian 13 v1.0.0": ("5.1.21",)},
        "holds": (NO_ROOT,),
        "failure": "sshd -T says permitrootlogin yes.",
    }
    return Control.model_validate(fields | said)


def deviation(**said: Any) -> PlacedDeviation:
    fields = {
        "id": "D01",
        "standard": "CIS Debian 13 v1.0.0",
        "section": ("1.1.1.6",),
        "says": "The overlay module is not available.",
        "we_do": "We keep it.....",
        "because": "Container storage is made of it.",
        "compensated_by": ("S06",),
        "owner": "the maintainers",
        "review": "2027-06-30",
    }
    return PlacedDeviation(deviation=Deviation.model_validate(fields | said), where="deviations.yaml:2")


def waiver(check: str, *, host: str = "*", expires: str = "2026-12-31") -> PlacedWaiver:
    fields = {"host": host, "check": check, "reason": "It is a lab.", "owner": "anna", "expires": expires}
    return PlacedWaiver(waiver=Waiver.model_validate(fields), where="waivers.yaml:2")


def collect(*controls: Control) -> Controls:
    sources = {
        one.id: Source(path=Path("controls/access") / f"{one.id}-x.yaml", data={}, lines={})
        for one in controls
    }
    return Controls(by_id={one.id: one for one in controls}, sources=sources)


def judged(
    wanted: Wanted,
    bare: Snapshot,
    *controls: Control,
    facts: dict[str, Any] | None = GOOD,
    deviations: tuple[PlacedDeviation, ...] = (),
    waivers: tuple[PlacedWaiver, ...] = (),
    level: Level = "baseline",
    **changed: Any,
) -> dict[str, ControlVerdict]:
    """The verdicts by id, on a host with these facts; None is a host that tells nothing of itself."""
    host = None if facts is None else host_facts(**facts)
    snapshot = bare.model_copy(update={"host": host} | changed)
    verdicts = judge_controls(
        "lab", Evidence(snapshot=snapshot), wanted, collect(*controls), deviations, waivers, TODAY, level
    )
    return {verdict.control: verdict for verdict in verdicts}
