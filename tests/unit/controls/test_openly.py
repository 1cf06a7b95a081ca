"""L07: who shows the dashboards lets nobody in, and nothing that asks for no key is published beyond loopback."""

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from garrison.catalog.loader import load_catalog
from garrison.controls.load import load_controls
from garrison.controls.result import State
from garrison.controls.seen import Seen
from garrison.controls.verdict import judge_control
from garrison.evidence.asking import ask_openly
from garrison.evidence.checks import CHECKS, Evidence
from garrison.evidence.openly import viewers
from garrison.plan.step import Command
from garrison.plan.wanted import Wanted
from tests.unit.evidence.conftest import Host

CONTROL = load_controls().by_id["L07"]
VIEWER = "container garrison-viewer"
NOBODY = "viewer:viewer:3000:nobody"


def judged(evidence: Evidence, wanted: Wanted) -> tuple[State, list[tuple[str, bool]]]:
    problems = {check.id: check.judge(evidence, wanted) for check in CHECKS}
    seen = Seen(evidence=evidence, wanted=wanted, problems=problems)
    state, found, _ = judge_control(CONTROL, seen)
    return state, [(f"{one.where}: {one.what}", one.is_unseen) for one in found]


def test_nothing_is_found_where_who_asks_is_refused(host: Host) -> None:
    assert judged(host.evidence, host.wanted) == (State.PASSED, [])


def test_whoever_is_let_in_is_named_with_what_he_did_not_have(host: Host) -> None:
    host.openly[NOBODY] = "status 200"
    said = f"{VIEWER}: without a password it answers nobody: status 200."
    assert judged(host.evidence, host.wanted) == (State.FAILED, [(said, False)])


@pytest.mark.parametrize("answer", [None, "unknown"])
def test_one_that_gives_no_answer_is_not_known_to_refuse(answer: str | None, host: Host) -> None:
    host.openly[NOBODY] = answer
    said = f"{VIEWER}: it gave nobody no answer, so nothing is known of it."
    assert judged(host.evidence, host.wanted) == (State.FAILED, [(said, True)])


def test_what_was_not_asked_is_not_known(host: Host) -> None:
    evidence = Evidence(snapshot=host.evidence.snapshot)
    state, found = judged(evidence, host.wanted)
    assert (state, [is_unseen for _, is_unseen in found]) == (State.FAILED, [True])


def publish_everywhere(host: Host, name: str) -> str:
    """What its one port is inside."""
    ((inside, (published,)),) = host.container(name)["HostConfig"]["PortBindings"].items()
    published["HostIp"] = ""
    return str(inside)


@pytest.mark.parametrize("name", ["watcher", "tracer"])
def test_who_asks_for_no_key_and_is_published_at_every_address_is_found(name: str, host: Host) -> None:
    where = f"container garrison-{name} port {publish_everywhere(host, name)}"
    state, ((said, is_unseen),) = judged(host.evidence, host.wanted)
    assert (state, is_unseen) == (State.FAILED, False)
    assert said.startswith(f"{where}: it is published at every address:")


def test_where_nobody_shows_dashboards_ports_are_looked_at_all_the_same(host: Host) -> None:
    catalog = host.wanted.catalog
    plain = catalog.services["viewer"].model_copy(update={"dashboards": None})
    alone = replace(host.wanted, catalog=replace(catalog, services={**catalog.services, "viewer": plain}))
    host.openly.clear()
    assert viewers(alone) == []
    assert judged(host.evidence, alone) == (State.PASSED, [])
    publish_everywhere(host, "watcher")
    assert judged(host.evidence, alone)[0] is State.FAILED


def test_of_our_services_grafana_is_asked_as_nobody_alone(host: Host, root: Path) -> None:
    """Grafana lets a name wait that failed five times within five minutes, so a check may try none."""
    asked: list[Command] = []

    def answer(command: Command) -> str:
        asked.append(command)
        return "{}"

    catalog = load_catalog([root / "services"]).select(["core", "observability"])
    ask_openly(answer, replace(host.wanted, catalog=catalog))
    words = [word for word in shlex.split(asked[0].line) if ":viewer:" in word]
    assert words == ["grafana:viewer:3000:nobody"]
