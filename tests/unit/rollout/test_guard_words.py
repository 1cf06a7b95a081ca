"""Who was nearly locked out is told what was changed, what the refused login said, and what to do."""

from garrison.guard import words
from garrison.plan.step import Probe
from garrison.snapshot.guards import Kept, Reverted

PROBE = Probe(guard="sshd", title="have sshd do as the controls say", paths=("/etc/a", "/etc/b"), seconds=20)
SAID = "a new login with sudo failed: Authentication failed"
RECORD = {
    "name": "sshd",
    "armed": "2026-06-01T12:00:00+00:00",
    "reverted": "2026-06-01T12:00:20+00:00",
    "because": "nobody proved within 20 s that a new login works",
    "paths": ["/etc/a", "/etc/b"],
}


def test_a_reverted_change_is_named_with_its_files_and_its_reason() -> None:
    problem = words.reverted("ai1", PROBE, SAID, Reverted.model_validate(RECORD))
    assert str(problem).startswith(
        "ai1: have sshd do as the controls say: a new login with sudo failed: Authentication failed. The host took "
        "the change of /etc/a, /etc/b back (nobody proved within 20 s that a new login works), and a new login with "
        "sudo works again. Mend"
    )
    assert problem.id == "guard.reverted"


def test_a_reload_that_failed_after_the_revert_is_not_kept_quiet() -> None:
    reloads = [{"line": "systemctl reload ssh", "code": 1, "said": "no such unit"}]
    problem = words.reverted("ai1", PROBE, SAID, Reverted.model_validate({**RECORD, "reloads": reloads}))
    assert "But `systemctl reload ssh` failed then: no such unit." in problem.what


def test_a_host_that_nobody_gets_into_any_more_is_mended_at_its_console() -> None:
    problem = words.lost("ai1", PROBE, SAID, "timed out")
    assert "still fails: timed out" in problem.what
    assert "/usr/local/lib/garrison/guard revert sshd" in problem.remedy


def test_a_change_that_was_kept_while_the_answer_was_lost_is_told_as_kept() -> None:
    record = Kept(name="sshd", kept="2026-06-01T12:00:15+00:00")
    told = words.kept_late(PROBE, record)
    assert told.startswith("have sshd do as the controls say: the change stays: ")
    assert "the host kept the change at 2026-06-01T12:00:15+00:00; only the answer came too late" in told


def test_a_guard_whose_records_are_gone_is_no_success() -> None:
    assert "no record of the guard sshd" in words.vanished("ai1", PROBE, SAID).what
