"""Containers and logs are measured by timers where a service shows what it finds, and nowhere else."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from garrison.catalog.loader import load_catalog
from garrison.controls.applies import CARDS, GPU, NVIDIA_SMI
from garrison.plan.expect import prepare
from garrison.plan.host import plan_host
from garrison.plan.hostfiles import (
    CONTAINERS,
    GPUS,
    HOSTSIDE,
    LOGS,
    MEASURING,
    SHIPPING_UNIT,
    render_host_files,
    units_of,
)
from garrison.plan.measuring import measured_on, plan_unmeasured
from garrison.plan.step import Command, Step
from garrison.plan.wanted import Wanted
from garrison.settings import HostSettings
from garrison.shipping import LogShipping
from garrison.snapshot.model import Snapshot
from tests.unit.controls.facts import host_facts

SERVICE, TIMER, WANTS = units_of(CONTAINERS)
Bare = Callable[..., Snapshot]


def lines(step: Step) -> list[str]:
    return [each.line for each in step.commands if isinstance(each, Command)]


def with_files(paths: Iterable[str]) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        document["files"] |= {path: {"mode": 0o644, "uid": 0, "gid": 0} for path in paths}

    return change


@pytest.fixture
def measuring(wanted: Wanted, settings: HostSettings, root: Path) -> Wanted:
    """The same host, where somebody shows it."""
    files = render_host_files(
        settings, root / "templates", b"podman-compose", frozenset(), measured=[CONTAINERS]
    )
    return replace(wanted, host_files=files)


@pytest.mark.parametrize(
    ("profiles", "has_gpu", "measured"),
    [
        (["core"], False, ()),
        (["core"], True, ()),
        (["core", "observability"], False, ("containers", "logs")),
        (["core", "observability"], True, ("containers", "logs", "gpus")),
    ],
)
def test_what_is_measured_is_there_and_shown_by_a_service(
    profiles: list[str], has_gpu: bool, measured: tuple[str, ...], root: Path
) -> None:
    chosen = load_catalog([root / "services"]).select(profiles)
    assert measured_on(chosen, has_gpu=has_gpu) == measured


def test_a_host_where_somebody_shows_it_gets_the_timer_and_starts_it(measuring: Wanted, bare: Bare) -> None:
    steps = plan_host(bare(), measuring).steps
    (laid,) = (step for step in steps if step.title == "lay down system files")
    assert "systemctl restart garrison-containers.timer" in "\n".join(lines(laid))
    assert measuring.host_files[WANTS].content == b"[Unit]\nWants=garrison-containers.timer\n"
    assert list(plan_unmeasured(bare(with_files([SERVICE, TIMER, WANTS])), measuring)) == []


@pytest.mark.parametrize("name", MEASURING)
def test_a_timer_that_a_host_gets_before_the_program_waits_for_it(
    name: str, settings: HostSettings, root: Path
) -> None:
    """A host of an earlier version has a release to measure, and gets its packages between the two."""
    files = render_host_files(settings, root / "templates", b"", frozenset(), measured=MEASURING)
    service = files[units_of(name)[0]].content.decode()
    (program,) = re.findall(r"^ExecStart=(\S+)", service, re.MULTILINE)
    assert program in files
    assert f"\nConditionPathExists={program}\n" in service


@pytest.mark.parametrize(
    ("collector", "words"),
    [(None, ""), (LogShipping(server="logs.example.net"), f" --shipping {SHIPPING_UNIT}")],
)
def test_whether_a_collector_is_behind_is_measured_where_there_is_one(
    collector: LogShipping | None, words: str, settings: HostSettings, root: Path
) -> None:
    chosen = settings.model_copy(update={"log_shipping": collector})
    files = render_host_files(chosen, root / "templates", b"", frozenset(), measured=[LOGS])
    assert f"/measure-logs{words}\nTimeoutStartSec" in files[units_of(LOGS)[0]].content.decode()


def test_a_host_where_nobody_shows_it_gets_no_timer(wanted: Wanted, bare: Bare) -> None:
    assert not {SERVICE, TIMER, WANTS} & wanted.host_files.keys()
    assert list(plan_unmeasured(bare(), wanted)) == []


def test_a_host_where_nobody_shows_it_any_more_is_rid_of_it_and_of_its_last_numbers(
    wanted: Wanted, bare: Bare
) -> None:
    found = bare(with_files([SERVICE, TIMER, WANTS]))
    (step,) = (one for one in plan_host(found, wanted).steps if one.title == "stop measuring containers")
    stop, wait, forget, remove, withdraw, reload = lines(step)
    assert stop == f"if test -e {TIMER}; then systemctl stop garrison-containers.timer; fi"
    assert wait == f"if test -e {SERVICE}; then systemctl stop garrison-containers.service; fi"
    assert (
        forget == "systemctl reset-failed 'garrison-containers.*'"
    )  # else the host counts as degraded for good
    assert remove == "rm -f /var/lib/garrison/metrics/containers.prom"
    assert withdraw.endswith(f"{SERVICE} {WANTS} {TIMER}")
    assert reload == "systemctl daemon-reload"


def test_what_a_run_that_was_cut_short_has_left_of_it_is_taken_away(wanted: Wanted, bare: Bare) -> None:
    """systemd stops no unit whose file it doesn't find, so each is asked for by itself."""
    (step,) = plan_unmeasured(bare(with_files([TIMER])), wanted)
    stop, wait, *_, withdraw, _ = lines(step)
    assert "garrison-containers.service" not in stop
    assert wait.startswith(f"if test -e {SERVICE}; then ")
    assert withdraw.endswith(f" {TIMER}")
    assert SERVICE not in withdraw


def test_a_host_whose_gpu_is_gone_is_rid_of_its_measurement_alone(measuring: Wanted, bare: Bare) -> None:
    gpus = units_of(GPUS)
    (step,) = plan_unmeasured(bare(with_files([SERVICE, TIMER, WANTS, *gpus])), measuring)
    stop, wait, _, remove, withdraw, _ = lines(step)
    assert "systemctl stop garrison-gpus.timer" in stop
    assert "systemctl stop garrison-gpus.service" in wait
    assert remove == "rm -f /var/lib/garrison/metrics/gpus.prom"
    assert withdraw.endswith(f"{gpus[0]} {gpus[2]} {gpus[1]}")


@pytest.fixture
def without_driver(bare: Bare) -> Snapshot:
    """A machine whose driver is installed and not loaded, with the measurement that an earlier deploy has laid down."""
    found = bare(with_files([*units_of(CONTAINERS), *units_of(GPUS)]))
    files = {GPU: {}, NVIDIA_SMI: {NVIDIA_SMI: {"mode": 0o755}}}
    card = "pci:v000010DEd00002330sv000010DEsd000016C1bc03sc02i00\n"
    return found.model_copy(update={"host": host_facts(files=files, texts={CARDS: card})})


def test_gpus_whose_driver_is_not_loaded_at_the_moment_stay_measured(
    settings: HostSettings, without_driver: Snapshot
) -> None:
    """It says itself that nothing can be measured, and why; the overview keeps its row, and its release."""
    prepared = prepare(settings.model_copy(update={"profiles": ("core", "observability")}))
    assert list(plan_unmeasured(without_driver, prepared.on(without_driver))) == []


def test_a_gpu_has_its_driver_where_the_program_that_measures_it_asks_it() -> None:
    assert f'"GARRISON_NVIDIA_SMI", "{NVIDIA_SMI}"' in (HOSTSIDE / "measure-gpus").read_text()
