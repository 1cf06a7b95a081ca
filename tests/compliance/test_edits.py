"""A file edited by hand is shown as drift, kept by the next deploy, and put right by it."""

import json
from collections.abc import Iterator

import pytest

from garrison.plan.laying import EDITS
from garrison.plan.wanted import Wanted
from tests.compliance.breaking import swapped, write_on
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


@pytest.fixture
def trusting(live: LiveHost, wanted: Wanted) -> Iterator[str]:
    """PostgreSQL believes every neighbour, and the door lets browsers go: by files that somebody edited."""
    postgres = _file(wanted, "postgres", "pg_hba.conf")
    for path, said, other in (
        (postgres, "scram-sha-256", "trust"),
        (_file(wanted, "nginx", "nginx/nginx.conf"), "max-age=63072000", "max-age=60"),
    ):
        write_on(live, path, swapped(live.sh(f"cat {path}") + "\n", {said: other}))
    live.podman("kill", "--signal", "HUP", "garrison-postgres")
    live.podman("kill", "--signal", "HUP", "garrison-nginx")
    yield postgres
    assert live.garrison("deploy").returncode == 0


def _file(wanted: Wanted, service: str, path: str) -> str:
    return f"{wanted.release.services[service].tree.folder(wanted.settings.stack_home)}/{path}"


def _failing(live: LiveHost) -> set[str]:
    """Which of these controls fail: by asking the database and the door, and by the files."""
    run = live.garrison("check", "--json", "--quick", "--controls", "N07,R13,T04")
    return {one["control"] for one in json.loads(run.stdout)["results"] if one["state"] == "failed"}


@pytest.mark.full
def test_a_deploy_takes_an_edit_from_who_has_read_it(live: LiveHost, trusting: str) -> None:
    """A file that is right again helps nobody while the container still has the other one."""
    assert _failing(live) == {"N07", "R13", "T04"}
    run = live.garrison("deploy")
    assert run.returncode == 0, run.stderr
    assert "its configuration was edited on the host" in " ".join(run.stderr.split())
    assert _failing(live) == set()
    newest = live.sh(f"sh -c 'ls -1d {EDITS}/*{trusting} | tail -n 1'")
    assert "trust" in live.sh(f"cat {newest}")
    assert "unchanged" in live.garrison("deploy").stderr
