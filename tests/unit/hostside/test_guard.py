"""The guard on the host puts back exactly what was there; systemd's part is tested on lab hosts (tests/faults)."""

import json
import stat
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

TEMPLATES = Path(__file__).parents[3] / "templates"


def picture(folder: Path) -> dict[str, Any]:
    """Everything below a folder: kind, mode, content."""
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        mode = stat.filemode(path.lstat().st_mode)
        content = str(path.readlink()) if path.is_symlink() else path.read_text() if path.is_file() else None
        found[str(path.relative_to(folder))] = (mode, content)
    return found


def arm(guard: ModuleType, etc: Path, *words: str) -> None:
    paths = [word for name in ("file", "link", "folder", "new") for word in ("--path", str(etc / name))]
    guard.main(["arm", "sshd", "--after", "20", *paths, *words])


def spoil(etc: Path) -> None:
    (etc / "file").unlink()
    (etc / "file").symlink_to("/etc/shadow")
    (etc / "link").unlink()
    (etc / "link").write_text("no link any more")
    (etc / "folder" / "inner").write_text("other")
    (etc / "folder" / "added").write_text("added")
    (etc / "new").mkdir()
    (etc / "new" / "deep").write_text("new")


def told(tmp_path: Path) -> str:
    return (tmp_path / "told").read_text()


def status(guard: ModuleType, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    guard.main(["status"])
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_everything_is_put_back_as_it_was(guard, etc, tmp_path, capsys) -> None:
    before = picture(etc)
    arm(guard, etc, "--reload", f"echo reloaded >>{tmp_path}/told")
    spoil(etc)
    guard.main(["revert", "sshd", "--because", "a test wants it"])
    assert picture(etc) == before
    assert "reloaded" in told(tmp_path)
    found = status(guard, capsys)
    assert found["armed"] == []
    (record,) = found["reverted"]
    assert (record["name"], record["because"]) == ("sshd", "a test wants it")
    assert [one["code"] for one in record["reloads"]] == [0]


def test_what_is_kept_is_never_put_back(guard, etc, tmp_path) -> None:
    arm(guard, etc)
    spoil(etc)
    after = picture(etc)
    guard.main(["keep", "sshd"])
    guard.main(["revert", "sshd"])
    assert picture(etc) == after
    assert "systemctl stop garrison-guard-sshd.timer" in told(tmp_path)


def test_arming_starts_a_timer_that_reverts_and_the_unit_for_the_next_boot(guard, etc, tmp_path) -> None:
    arm(guard, etc)
    assert f"systemctl enable --quiet {guard.BOOT_UNIT}" in told(tmp_path)
    (line,) = (line for line in told(tmp_path).splitlines() if line.startswith("systemd-run"))
    assert "--on-active=20s" in line
    assert "guard revert sshd" in line


def test_nothing_stays_armed_when_the_timer_does_not_start(guard, etc, tmp_path, capsys) -> None:
    (tmp_path / "tools" / "systemd-run").write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(guard.subprocess.CalledProcessError):
        arm(guard, etc)
    assert status(guard, capsys)["armed"] == []


def test_keeping_what_was_taken_back_fails_and_says_when_and_why(guard, etc) -> None:
    arm(guard, etc)
    guard.main(["revert", "sshd", "--because", "it took too long"])
    with pytest.raises(SystemExit, match=r"can't be kept: it was reverted at .*: it took too long\."):
        guard.main(["keep", "sshd"])


def test_keeping_what_was_never_armed_fails(guard) -> None:
    with pytest.raises(SystemExit, match="nothing is armed"):
        guard.main(["keep", "sudo"])


def test_arming_what_a_killed_run_left_armed_puts_that_back_first(guard, etc, capsys) -> None:
    before = picture(etc)
    arm(guard, etc)
    spoil(etc)
    arm(guard, etc)
    assert picture(etc) == before
    assert [one["name"] for one in status(guard, capsys)["armed"]] == ["sshd"]


def test_a_boot_puts_back_every_armed_change_and_reloads_nothing(guard, etc, tmp_path, capsys) -> None:
    before = picture(etc)
    arm(guard, etc, "--reload", f"echo reloaded >>{tmp_path}/told")
    spoil(etc)
    guard.main(["boot"])
    assert picture(etc) == before
    assert "reloaded" not in told(tmp_path)
    assert "started again" in status(guard, capsys)["reverted"][0]["because"]


def test_at_boot_one_guard_that_cannot_be_put_back_keeps_no_other_from_it(
    guard, etc, tmp_path, capsys
) -> None:
    (etc / "first").write_text("before\n")
    guard.main(["arm", "first", "--after", "20", "--path", str(etc / "first")])
    arm(guard, etc)
    before = picture(etc)
    spoil(etc)
    (etc / "first").write_text("after\n")
    copy = tmp_path / "guard" / "first" / "0"
    copy.rename(tmp_path / "lost")
    with pytest.raises(SystemExit, match="The guard first could not put everything back: FileNotFoundError"):
        guard.main(["boot"])
    assert picture(etc) == before | {"first": (before["first"][0], "after\n")}
    assert [one["name"] for one in status(guard, capsys)["armed"]] == ["first"]
    (tmp_path / "lost").rename(copy)
    guard.main(["boot"])
    assert picture(etc) == before
    assert status(guard, capsys)["armed"] == []


def break_record(tmp_path: Path, name: str) -> None:
    """A record of which the power left half, with a copy beside it."""
    (tmp_path / "guard" / name).mkdir(exist_ok=True)
    (tmp_path / "guard" / name / "manifest.json").write_text("{")
    (tmp_path / "guard" / name / "0").write_text("saved\n")


def test_at_boot_a_manifest_that_is_no_json_keeps_no_guard_from_being_put_back(guard, etc, tmp_path) -> None:
    before = picture(etc)
    arm(guard, etc)
    spoil(etc)
    break_record(tmp_path, "broken")
    guard.main(["boot"])
    assert picture(etc) == before


def test_a_manifest_that_is_no_json_is_set_aside_once_and_told(guard, tmp_path, capsys) -> None:
    """Nothing tries it for ever; what it had saved stays for a person."""
    (tmp_path / "guard").mkdir()
    break_record(tmp_path, "broken")
    guard.main(["boot"])
    guard.main(["boot"])
    (aside,) = (tmp_path / "guard").glob(".unreadable-broken-*")
    assert (aside / "0").read_text() == "saved\n"
    found = status(guard, capsys)
    assert found["armed"] == []
    (record,) = found["reverted"]
    assert record["name"] == "broken"
    assert "its record can't be read (Expecting property name" in record["because"]
    assert str(aside) in record["because"]


def test_a_second_try_after_the_host_has_started_reloads(guard, etc, tmp_path) -> None:
    before = picture(etc)
    arm(guard, etc, "--reload", f"echo reloaded >>{tmp_path}/told")
    spoil(etc)
    (tmp_path / "started").touch()
    guard.main(["boot"])
    assert picture(etc) == before
    assert "reloaded" in told(tmp_path)


def test_the_unit_of_the_next_boot_tries_again_until_all_is_back() -> None:
    unit = (TEMPLATES / "systemd" / "garrison-guard.service.j2").read_text().splitlines()
    assert {"Restart=on-failure", "RestartSec=10"} <= {*unit}


def test_a_reload_that_fails_is_recorded_and_stops_nothing(guard, etc, capsys, monkeypatch) -> None:
    monkeypatch.setattr(guard.time, "sleep", lambda _: None)
    before = picture(etc)
    arm(guard, etc, "--reload", "echo no such service >&2; exit 5")
    spoil(etc)
    guard.main(["revert", "sshd"])
    assert picture(etc) == before
    (reload,) = status(guard, capsys)["reverted"][0]["reloads"]
    assert (reload["code"], reload["said"]) == (5, "no such service")


def test_a_change_that_is_kept_ends_the_record_of_an_earlier_revert(guard, etc, capsys) -> None:
    arm(guard, etc)
    guard.main(["revert", "sshd"])
    arm(guard, etc)
    guard.main(["keep", "sshd"])
    assert status(guard, capsys)["reverted"] == []


def test_what_was_saved_is_for_nobody_but_root(guard, etc, tmp_path) -> None:
    arm(guard, etc)
    place = tmp_path / "guard"
    assert [oct(stat.S_IMODE(path.stat().st_mode)) for path in (place, place / "sshd")] == ["0o700", "0o700"]
