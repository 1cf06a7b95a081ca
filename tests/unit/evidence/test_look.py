"""One look at a host: who waits for whom."""

import threading
from pathlib import Path

import pytest

from garrison.evidence import look as looking
from garrison.evidence.look import look
from garrison.plan import expect
from garrison.plan.expect import Prepared, prepare
from garrison.plan.step import Command
from garrison.problem import Problem, ProblemError
from garrison.settings import HostSettings
from garrison.shipping import LogShipping

PATIENCE = 30.0  # seconds; nobody gets there unless the two wait for each other


@pytest.fixture
def answer(fixtures: Path) -> str:
    return (fixtures / "snapshots" / "bare.json").read_text(encoding="utf-8")


def test_what_should_be_is_made_while_the_host_looks(
    answer: str, settings: HostSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_prepared = threading.Event()

    def prepare_and_tell(settings: HostSettings) -> Prepared:
        prepared = prepare(settings)
        is_prepared.set()
        return prepared

    def ask(_: Command) -> str:
        assert is_prepared.wait(PATIENCE), "the answer was waited for first"
        return answer

    monkeypatch.setattr(expect, "prepare", prepare_and_tell)
    look(ask, settings, probes=False)


def test_the_question_goes_out_before_anything_is_made(
    answer: str, settings: HostSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = []

    def ask(_: Command) -> str:
        said.append("asked")
        return answer

    def prepare_and_tell(settings: HostSettings) -> Prepared:
        said.append("prepared")
        return prepare(settings)

    monkeypatch.setattr(looking, "SENT", PATIENCE)
    monkeypatch.setattr(expect, "prepare", prepare_and_tell)
    look(ask, settings, probes=False)
    assert said == ["asked", "prepared"]


def test_a_host_that_gives_no_answer_is_told_of() -> None:
    def ask(_: Command) -> str:
        raise ProblemError([Problem(where="h", id="host.unreachable", what="no answer.", remedy="Look.")])

    with pytest.raises(ProblemError, match="no answer"):
        look(ask, HostSettings(server_names=("host.example",)), probes=False)


@pytest.mark.parametrize("setting", ["extra_ca_certificates", "log_shipping"])
def test_a_file_of_this_machine_that_is_not_there_is_told_of(setting: str, tmp_path: Path) -> None:
    """It is the inventory's fault, and no host's."""
    absent = tmp_path / "absent.crt"
    said = {
        "extra_ca_certificates": (absent,),
        "log_shipping": LogShipping(server="logs.example.net", ca=absent),
    }
    settings = HostSettings.model_validate({"server_names": ("host.example",), setting: said[setting]})
    with pytest.raises(ProblemError, match=r"absent\.crt can't be read: No such file or directory\."):
        look(lambda _: "{}", settings, probes=False)
