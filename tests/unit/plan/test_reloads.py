"""Reloads that are owed are known to the next run."""

import json
from pathlib import Path
from typing import Any

from garrison.hardening.audit import FOLDERS
from garrison.plan.host import plan_host
from garrison.plan.reloads import MARKS, plan_left_reloads, with_reloads
from garrison.plan.step import Command, Step, sh
from garrison.plan.wanted import Wanted
from garrison.snapshot.model import Snapshot
from tests.unit.hardening.seen import A_CONTAINER, seen

STEP = Step(title="lay down", why="missing", commands=(sh("lay"),))
MARK = "/var/lib/garrison/pending/journald"
RELOAD = "systemctl restart systemd-journald && journalctl --flush"


def lines(step: Step) -> list[str]:
    return [each.line for each in step.commands if isinstance(each, Command)]


def marked(fixtures: Path, *paths: str) -> Snapshot:
    document: dict[str, Any] = json.loads((fixtures / "snapshots" / "bare.json").read_text())
    document["files"] |= {path: {"mode": 0o644, "uid": 0, "gid": 0} for path in paths}
    return Snapshot.parse(document)


def test_a_mark_stands_from_before_the_change_until_after_the_reload() -> None:
    before, change, after = lines(with_reloads(STEP, ["journald", "journald"], seen()))
    assert before.endswith(f"touch {MARK}")
    assert change == "lay"
    assert after == f"{RELOAD} && rm -f {MARK}"


def test_a_change_that_nobody_has_to_hear_of_stays_as_it_is() -> None:
    assert with_reloads(STEP, [], seen()) == STEP


def test_a_container_has_no_audit_that_could_be_told() -> None:
    assert with_reloads(STEP, ["audit", "auditd"], seen(kernel=A_CONTAINER)) == STEP


def test_audit_that_is_locked_is_not_told_before_the_next_boot() -> None:
    assert with_reloads(STEP, ["audit"], seen(audit={"enabled": 2})) == STEP
    assert "augenrules --load" in lines(with_reloads(STEP, ["audit"], seen(audit={"enabled": 1})))[-1]


def test_what_audit_watches_is_made_before_its_rules_are_loaded() -> None:
    """Of what isn't there then the kernel would watch the name and nothing below it."""
    line = lines(with_reloads(STEP, ["audit"], seen(audit={"enabled": 1})))[-1]
    assert line.index(f"test ! -e {FOLDERS} || systemd-tmpfiles --create {FOLDERS};") < line.index(
        "augenrules --load"
    )


def test_the_next_run_makes_up_for_a_run_that_was_cut_short(fixtures: Path) -> None:
    (step,) = plan_left_reloads(marked(fixtures, MARK))
    assert lines(step) == [f"{RELOAD} && rm -f {MARK}"]


def test_a_run_that_ended_well_owes_nothing(fixtures: Path) -> None:
    assert list(plan_left_reloads(marked(fixtures))) == []
    assert MARK in MARKS


def test_what_a_package_mirror_may_need_is_made_up_for_before_packages(
    fixtures: Path, wanted: Wanted
) -> None:
    """Files of a company's CA lie there, and no program has heard of them yet."""
    owed = marked(fixtures, "/var/lib/garrison/pending/certificates")
    titles = [step.title.split()[0] for step in plan_host(owed, wanted).steps]
    assert titles[:3] == ["lay", "have", "install"]
    (left,) = (step for step in plan_host(owed, wanted).steps if step.title.startswith("have changes"))
    assert lines(left)[0].startswith("update-ca-certificates && rm -f ")


def test_every_file_that_a_program_has_to_hear_of_leaves_a_mark_first(fixtures: Path, wanted: Wanted) -> None:
    first = plan_host(marked(fixtures), wanted).steps[0]
    owed = {file.reloads for file in wanted.host_files.values() if file.reloads}
    assert owed >= {"manager", "walls"}
    before = lines(first)[0]
    assert all(f"/var/lib/garrison/pending/{key}" in before for key in owed)
