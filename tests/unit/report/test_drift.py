"""Drift is shown as a diff, and no secret with it; the program that finds it runs on real files."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from garrison.evidence import laid as program
from garrison.plan.hostfiles import HostFile
from garrison.report.drift import Differing, Drift, FileNow, Kind, Laid, find_drift, to_document
from garrison.report.result import Found, Result
from tests.unit.report.sample import DEPLOY, RESULTS, ROOT_LOGS_IN, problem

MOTD = "/etc/motd"
WANTED = {MOTD: HostFile(mode=0o644, content=b"ours\n")}


def now(text: str | None, mode: int = 0o644, kind: str = "file") -> FileNow:
    return FileNow(kind=kind, mode=mode, text=text)


def drift(
    *files: Differing, results: tuple[Result, ...] = (), wanted: dict[str, HostFile] | None = None
) -> Drift:
    told = Laid(copies=9, files=files)
    return find_drift("alpha", told, WANTED if wanted is None else wanted, results, DEPLOY)


def edited(path: str, old: str | None, new: str | None) -> Differing:
    return Differing(path=path, laid=now(old), now=now(new))


def test_an_edit_is_a_diff_from_what_was_laid() -> None:
    (found,) = drift(edited(MOTD, "ours\n", "ours\nby hand\n")).files
    assert found.kind is Kind.EDITED
    assert found.diff == ("--- as it was laid", "+++ on the host", "@@ -1 +1,2 @@", " ours", "+by hand")


def test_what_is_edited_to_what_is_wanted_now_is_no_drift() -> None:
    assert drift(edited(MOTD, "older\n", "ours\n")).files == ()


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        (Differing(path=MOTD, laid=now("ours\n"), now=None), Kind.REMOVED),
        (Differing(path=MOTD, laid=now("ours\n"), now=now("ours\n", 0o666)), Kind.MODE),
        (Differing(path=MOTD, laid=now("ours\n"), now=now(None, 0, "link")), Kind.REPLACED),
        (Differing(path=MOTD, laid=None, now=now("theirs\n")), Kind.DIFFERS),
    ],
)
def test_what_happened_to_a_file_has_its_word(file: Differing, kind: Kind) -> None:
    found = drift(file)
    assert [one.kind for one in found.files] == [kind]
    assert found.has_drifted


def test_what_was_never_laid_is_no_drift_but_makes_settings_uncertain() -> None:
    found = drift(Differing(path=MOTD, laid=None, now=None), results=RESULTS)
    assert found.pending == (MOTD,)
    assert not found.has_drifted


def test_a_host_that_nothing_was_laid_on_has_not_drifted() -> None:
    told = Laid(copies=0, files=(Differing(path=MOTD, laid=None, now=now("theirs\n")),))
    found = find_drift("alpha", told, WANTED, RESULTS, DEPLOY)
    assert (found.files, found.pending, found.has_drifted) == ((), (MOTD,), False)


def test_settings_that_a_deploy_establishes_have_drifted_when_they_fail() -> None:
    found = drift(results=RESULTS)
    assert [one.control for one in found.settings] == ["S06", "S08"]
    assert found.has_drifted


def test_what_no_deploy_mends_did_not_drift() -> None:
    assert not drift(results=(replace(ROOT_LOGS_IN, remedy="Ask anna."),)).has_drifted


@pytest.mark.parametrize(
    ("path", "new"),
    [
        ("/etc/garrison/client.key", "changed\n"),
        ("/etc/shadow", "root:x\n"),
        ("/srv/garrison/tls/secrets/x", "changed\n"),
        (MOTD, "-----BEGIN PRIVATE KEY-----\nMIIE\n"),
    ],
)
def test_what_may_be_a_secret_is_not_shown(path: str, new: str) -> None:
    (found,) = drift(edited(path, "old\n", new)).files
    assert found.diff == ()
    assert "secret" in found.note


def test_a_secret_in_a_line_hides_the_line() -> None:
    (found,) = drift(edited(MOTD, "ours\n", "ours\nDB_PASSWORD=correct-horse\n")).files
    assert "correct-horse" not in json.dumps(
        to_document([drift(edited(MOTD, "a\n", "token=correct-horse\n"))])
    )
    assert found.diff[-1] == "+[hidden]"


def test_what_is_no_text_is_not_shown() -> None:
    (found,) = drift(edited(MOTD, "ours\n", None)).files
    assert "no text" in found.note


class Machine:
    """Real files below one folder, told of by the program that runs on hosts."""

    def __init__(self, folder: Path) -> None:
        self.file, self.copies = folder / "etc" / "motd", folder / "laid"
        self.copy = self.copies / self.file.relative_to("/")
        for path in (self.file, self.copy):
            path.parent.mkdir(parents=True)
            path.write_text("ours\n")

    def tell(self, *also: str) -> Laid:
        words = [sys.executable, "-I", "-", json.dumps({"laid": str(self.copies), "also": also})]
        done = subprocess.run(
            words, input=Path(program.__file__).read_text(), capture_output=True, text=True, check=True
        )
        return Laid.model_validate_json(done.stdout)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_program_says_nothing_of_files_that_are_as_they_were_laid(machine: Machine) -> None:
    assert machine.tell() == Laid(copies=1, files=())


def test_the_program_tells_an_edit(machine: Machine) -> None:
    machine.file.write_text("by hand\n")
    (told,) = machine.tell().files
    assert (told.laid and told.laid.text, told.now and told.now.text) == ("ours\n", "by hand\n")


def test_the_program_tells_a_mode(machine: Machine) -> None:
    machine.file.chmod(0o600)
    (told,) = machine.tell().files
    assert told.now
    assert told.now.mode == 0o600


def test_the_program_follows_no_link(machine: Machine, tmp_path: Path) -> None:
    machine.file.unlink()
    machine.file.symlink_to(tmp_path / "laid")
    (told,) = machine.tell().files
    assert told.now == now(None, 0, "link")


def test_the_program_tells_what_is_gone_and_what_was_never_laid(machine: Machine, tmp_path: Path) -> None:
    machine.file.unlink()
    told = machine.tell(str(machine.file), str(tmp_path / "other"))
    assert [(one.path, one.laid is None, one.now) for one in told.files] == [
        (str(machine.file), False, None),
        (str(tmp_path / "other"), True, None),
    ]


def test_the_program_sends_no_bytes_that_are_no_text(machine: Machine) -> None:
    machine.file.write_bytes(b"\xff\xfe\x00")
    (told,) = machine.tell().files
    assert told.now
    assert told.now.text is None


def test_nothing_of_the_hosts_words_is_shown_as_it_stands() -> None:
    said = "postgres://anna:hunter22hunter@db \x1b[2J $y$j9T$abcdefghij$0123456789"
    finding = Found(problem=problem("S06", f"/etc/{said}", said))
    failed = replace(ROOT_LOGS_IN, findings=(finding,), note=said)
    path = f"/etc/\x1b]0;{said}"
    gone = Differing(path=f"{path}.conf", laid=None, now=None)
    linked = Differing(path=path, laid=now("ours\n"), now=now(None, 0, f"link {said}"))
    waiting = replace(WANTED[MOTD], content=b"x\n")
    found = drift(
        linked, gone, edited(MOTD, "ours\n", f"{said}\n"), results=(failed,), wanted={gone.path: waiting}
    )
    told = json.dumps(to_document([found])) + repr(found)
    assert "/etc/" in told
    for secret in ("hunter22", "abcdefghij", "\\x1b", "\\u001b"):
        assert secret not in told
