"""A file edited by hand is shown as drift, kept by the next deploy, and put right by it."""

import json
from collections.abc import Iterator

import pytest

from garrison.plan.laying import EDITS
from tests.compliance.live import LiveHost

PATH = "/etc/motd"
LINE = "# somebody was here"


@pytest.fixture
def edited(live: LiveHost) -> Iterator[LiveHost]:
    """The host with one line more in one of our files, which is as it was in the end."""
    assert live.garrison("deploy", "--phases", "host").returncode == 0
    live.sh(f"sh -c 'echo \"{LINE}\" >> {PATH}'")
    yield live
    # All phases: a run of one leaves the gates of those after it to be proven again.
    assert live.garrison("deploy").returncode == 0


def drift_of(live: LiveHost) -> dict[str, object]:
    run = live.garrison("drift", "--json")
    assert run.returncode in (0, 1), run.stderr
    (found,) = json.loads(run.stdout)
    return {"exit": run.returncode} | {one["path"]: (one["kind"], one["diff"]) for one in found["files"]}


def test_an_edit_is_shown_as_a_diff(edited: LiveHost) -> None:
    found = drift_of(edited)
    assert found["exit"] == 1
    assert found[PATH][0] == "edited"  # type: ignore[index]
    assert f"+{LINE}" in found[PATH][1]  # type: ignore[index]


def test_an_edit_is_kept_when_it_is_overwritten(edited: LiveHost) -> None:
    run = edited.garrison("deploy", "--phases", "host")
    assert run.returncode == 0, run.stderr
    assert f"edited by hand since they were laid: {PATH}" in " ".join(run.stderr.split())
    newest = edited.sh(f"sh -c 'ls -1d {EDITS}/*{PATH} | tail -n 1'")
    assert LINE in edited.sh(f"cat {newest}")
    assert edited.sh(f"stat -c '%a %U' {newest}") == "600 root"
    assert LINE not in edited.sh(f"cat {PATH}")
    assert PATH not in drift_of(edited)
