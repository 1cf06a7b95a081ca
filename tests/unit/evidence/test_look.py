"""One look at a host: who waits for whom."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from garrison.evidence import look as looking
from garrison.evidence.look import look
from garrison.plan import expect
from garrison.plan.expect import Prepared, prepare
from garrison.plan.question import CONTROLLERS
from garrison.plan.step import Command
from garrison.problem import Problem, ProblemError
from garrison.render.model import Release
from garrison.render.release import render_release
from garrison.settings import HostSettings
from garrison.shipping import LogShipping
from garrison.snapshot.model import Snapshot

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


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[frozenset[str]]:
    """For which controllers a release was made, one after the other."""
    found: list[frozenset[str]] = []

    def render(*words: Any, delegated: frozenset[str], **more: Any) -> Release:
        found.append(delegated)
        return render_release(*words, delegated=delegated, **more)

    monkeypatch.setattr(expect, "render_release", render)
    return found


@pytest.mark.parametrize("controllers", [(), ("cpu", "cpuset", "io", "memory", "pids"), ("memory", "pids")])
def test_what_was_foreseen_is_what_would_have_been_made(
    controllers: tuple[str, ...], settings: HostSettings, answer: str, made: list[frozenset[str]]
) -> None:
    snapshot = Snapshot.parse(json.loads(answer) | {"controllers": list(controllers)})
    foreseen = prepare(settings)
    foreseen.foresee(is_in_time=lambda: True)
    is_usual = len(controllers) != 2
    assert made == [CONTROLLERS, frozenset()]
    release = foreseen.on(snapshot).release
    assert len(made) == (2 if is_usual else 3)
    assert release == prepare(settings).on(snapshot).release


def test_nothing_is_foreseen_once_the_answer_is_there(
    settings: HostSettings, made: list[frozenset[str]]
) -> None:
    prepare(settings).foresee(is_in_time=lambda: False)
    assert made == []


def test_what_the_caller_needs_afterwards_is_loaded_before_the_answer(
    answer: str, settings: HostSettings
) -> None:
    is_loaded = threading.Event()

    def ask(_: Command) -> str:
        assert is_loaded.wait(PATIENCE), "the answer was waited for first"
        return answer

    look(ask, settings, probes=False, meanwhile=is_loaded.set)
