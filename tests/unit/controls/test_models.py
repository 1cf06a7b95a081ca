"""What may be wrong with the files of a model: each is found, and a check that didn't read them says so."""

import pytest

from garrison.controls.code.walked import UNWALKED
from garrison.controls.code.weights import judge_models
from garrison.controls.seen import Seen
from tests.unit.controls.spoilt import model_file
from tests.unit.evidence.conftest import Host

CHANGEABLE = "may be changed by user 10001, as whom the service runs."
FAULTS = {
    "another file": (model_file(sha256="5" * 64), "has SHA-256 555555555555…, not the pinned 333333333333…"),
    "one that can't be read": (model_file(), "isn't there, or can't be read."),
    "one that the service owns": (model_file(uid=10001), CHANGEABLE),
    "one that everybody may write": (model_file(mode=0o666), CHANGEABLE),
    "one more": (
        model_file("/models/b", mode=0o444),
        "is no file that the service's list of its models has.",
    ),
}


def judge(host: Host) -> list[str]:
    return [one.what for one in judge_models(Seen(evidence=host.evidence, wanted=host.wanted))]


def test_pinned_files_that_are_roots_are_good(deployed: Host) -> None:
    assert judge(deployed) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_a_model_is_told(deployed: Host, fault: str) -> None:
    spoil, said = FAULTS[fault]
    spoil(deployed)
    (found,) = judge(deployed)
    assert found.endswith(said)


def test_a_file_that_is_not_there_at_all_is_missed(deployed: Host) -> None:
    del deployed.container("model")["Process"]["models"]["/models/tiny.gguf"]
    assert judge(deployed) == ["/models/tiny.gguf isn't there, or can't be read."]


def test_models_that_nobody_read_are_unknown(deployed: Host) -> None:
    deployed.container("model")["Process"]["models"] = None
    assert judge(deployed) == [UNWALKED]
