"""What the host measures of its GPUs, from what nvidia-smi says of them."""

import re
import stat
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

Series = dict[str, float]
TWO = """0, NVIDIA L4, 37, 4096, 23034, 54, 31.52
1, NVIDIA A100-SXM4-80GB MIG 1g.10gb, [N/A], 0, 81920, 33, [Not Supported]
"""


class Gpus:
    """The program with an nvidia-smi of a test's own."""

    def __init__(self, program: Any, folder: Path) -> None:
        self.program, self.tool = program, folder / "nvidia-smi"
        self.file, self.asked = folder / "state/metrics/gpus.prom", folder / "asked"
        self.file.parent.mkdir(parents=True)
        program.TOOL = str(self.tool)

    def answer(self, text: str, code: int = 0) -> None:
        answer = self.tool.with_name("answer")
        answer.write_text(text)
        self.tool.write_text(f'#!/bin/sh\necho "$@" > {self.asked}\ncat {answer}\nexit {code}\n')
        self.tool.chmod(0o755)

    def measure(self) -> Series:
        self.program.main()
        return self.read()

    def read(self) -> Series:
        found = re.findall(r"^garrison_(gpu.*) (\S+)$", self.file.read_text(), re.MULTILINE)
        return {name: float(value) for name, value in found}


@pytest.fixture
def gpus(load: Callable[[str], ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gpus:
    monkeypatch.setenv("GARRISON_STATE", str(tmp_path / "state"))
    return Gpus(load("measure-gpus"), tmp_path)


def test_each_gpu_is_told_of_in_units_of_prometheus(gpus: Gpus) -> None:
    gpus.answer(TWO)
    found = gpus.measure()
    assert {name: value for name, value in found.items() if 'gpu="0"' in name} == {
        'gpu_info{gpu="0",name="NVIDIA L4"}': 1,
        'gpu_busy_ratio{gpu="0"}': pytest.approx(0.37),
        'gpu_memory_bytes{gpu="0"}': 4096 * 1024**2,
        'gpu_memory_size_bytes{gpu="0"}': 23034 * 1024**2,
        'gpu_temperature_celsius{gpu="0"}': 54,
        'gpu_power_watts{gpu="0"}': 31.52,
    }


def test_what_a_gpu_does_not_tell_has_no_series(gpus: Gpus) -> None:
    gpus.answer(TWO)
    found = gpus.measure()
    assert {name for name in found if 'gpu="1"' in name} == {
        'gpu_info{gpu="1",name="NVIDIA A100-SXM4-80GB MIG 1g.10gb"}',
        'gpu_memory_bytes{gpu="1"}',
        'gpu_memory_size_bytes{gpu="1"}',
        'gpu_temperature_celsius{gpu="1"}',
    }


def test_a_name_with_a_comma_or_a_quotation_mark_ends_nothing(gpus: Gpus) -> None:
    gpus.answer('0, A, "B", 1, 2, 3, 4, 5\n')
    assert gpus.measure()['gpu_info{gpu="0",name="A, \\"B\\""}'] == 1


def test_it_asks_for_what_it_reads_in_that_order(gpus: Gpus) -> None:
    gpus.answer(TWO)
    gpus.measure()
    assert gpus.asked.read_text().split() == [
        "--query-gpu=index,name,utilization.gpu,memory.used,memory.total,temperature.gpu,power.draw",
        "--format=csv,noheader,nounits",
    ]


def test_when_it_was_measured_is_told_to_everybody(gpus: Gpus) -> None:
    gpus.answer(TWO)
    found = gpus.measure()
    assert found["gpus_measured"] == 1
    assert time.time() - found["gpus_measured_timestamp_seconds"] < 60
    assert stat.S_IMODE(gpus.file.stat().st_mode) == 0o644


@pytest.mark.parametrize(
    ("answer", "code", "why"),
    [
        ("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n", 9, "has failed"),
        ("Unable to determine the device handle for GPU 0000:01:00.0: Unknown Error\n", 0, "another form"),
        ("GPU, NVIDIA L4, 37, 4096, 23034, 54, 31.52\n", 0, "another form"),
        (TWO, 15, "nvidia-smi: 0, NVIDIA L4"),
        ("0, NVIDIA L4, much, 4096, 23034, 54, 31.52\n", 0, "could not convert"),
    ],
)
def test_a_driver_that_does_not_answer_leaves_nothing_of_before(
    gpus: Gpus, answer: str, code: int, why: str
) -> None:
    gpus.answer(TWO)
    gpus.measure()
    gpus.answer(answer, code)
    with pytest.raises(SystemExit, match=why):
        gpus.measure()
    assert set(gpus.read()) == {"gpus_measured", "gpus_measured_timestamp_seconds"}
    assert gpus.read()["gpus_measured"] == 0


def test_a_host_without_the_tool_says_so(gpus: Gpus) -> None:
    with pytest.raises(SystemExit, match="No such file"):
        gpus.measure()
    assert gpus.read()["gpus_measured"] == 0
